namespace Maestro.Bus.Messaging;

/// <summary>What has gone wrong with a message so far.</summary>
/// <param name="Attempts">How many attempts have failed.</param>
/// <param name="FirstFailure">When the first of them failed.</param>
/// <param name="LastError">What the last of them failed with.</param>
public sealed record FailureRecord(int Attempts, DateTimeOffset? FirstFailure, string? LastError)
{
    /// <summary>The record with one more attempt.</summary>
    internal FailureRecord Add(Exception exception, DateTimeOffset now) => Note(exception, now) with { Attempts = Attempts + 1 };

    /// <summary>The record with a failure that counts as no attempt.</summary>
    internal FailureRecord Note(Exception exception, DateTimeOffset now) =>
        this with { FirstFailure = FirstFailure ?? now, LastError = FailureHeaders.Describe(exception) };
}
