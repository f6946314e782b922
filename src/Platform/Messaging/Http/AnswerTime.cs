namespace Maestro.Bus.Messaging;

/// <summary>
/// An endpoint's declaration whether <c>Bus:Http:MaxAnswerTime</c> bounds the time of its requests. What is declared last counts.
/// </summary>
sealed record AnswerTime(bool IsBounded);
