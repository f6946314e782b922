namespace Maestro.Bus.Admin.Contracts;

/// <summary>Some of the dead letters, the newest first.</summary>
/// <param name="Items">The dead letters.</param>
/// <param name="Next">What to give as <c>page</c> for the next page; none where this is the last.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterView> Items, long? Next);
