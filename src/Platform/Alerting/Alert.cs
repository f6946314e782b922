namespace Maestro.Bus.Alerting;

/// <summary>Something that a person should know of.</summary>
/// <param name="Title">What has happened, in a sentence.</param>
/// <param name="Text">The same in full, line by line.</param>
/// <param name="RaisedAt">When it was noticed.</param>
/// <param name="Arrivals">The groups of dead letters that it is about.</param>
public sealed record Alert(string Title, string Text, DateTimeOffset RaisedAt, IReadOnlyList<DeadLetterArrival> Arrivals);
