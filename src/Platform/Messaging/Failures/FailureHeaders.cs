using System.Globalization;

namespace Maestro.Bus.Messaging;

/// <summary>
/// The headers in which a message carries what has gone wrong with it: through each redelivery, and into the dead letters.
/// </summary>
public static class FailureHeaders
{
    /// <summary>How many attempts have failed, a whole number. A dead letter's is the number of all its attempts.</summary>
    public const string Attempts = "Bus-Attempts";

    /// <summary>When the first attempt failed: UTC, as ISO 8601 writes it.</summary>
    public const string FirstFailure = "Bus-First-Failure";

    /// <summary>What the last attempt failed with: the exception's type and message on one line, 500 characters at most.</summary>
    public const string LastError = "Bus-Last-Error";

    /// <summary>
    /// When a dependency that was down began to fail the message, and how many of its attempts that has cost: they are given back if it was
    /// an outage.
    /// </summary>
    internal const string Outage = "Bus-Outage";

    /// <summary>The names of all of them.</summary>
    internal static readonly string[] Names = [Attempts, FirstFailure, LastError, Outage];

    /// <summary>
    /// The most attempts that a header can say: far beyond what a policy allows, and far below what adding to it overflows.
    /// </summary>
    internal const int MostAttempts = 1_000_000;

    const int LongestError = 500;

    /// <summary>What a message's headers say; nothing has failed where they say nothing.</summary>
    public static FailureRecord FailuresOf(Headers headers) =>
        new(
            headers.Get<int>(Attempts) is { } attempts and > 0 and <= MostAttempts ? attempts : 0,
            Time(headers.Get<string>(FirstFailure)),
            headers.Get<string>(LastError));

    /// <summary>
    /// Where a message that is being consumed says what has gone wrong with it: the embedded transport changes the headers around a
    /// message, not those in its envelope.
    /// </summary>
    public static Headers Of(ConsumeContext context) =>
        context.ReceiveContext.TransportHeaders is var transport && transport.TryGetHeader(Attempts, out _) ? transport : context.Headers;

    /// <summary>Writes what has gone wrong with a message into its headers.</summary>
    public static void SetFailures(this SendHeaders headers, FailureRecord failures)
    {
        headers.Set(Attempts, failures.Attempts);
        headers.Set(FirstFailure, failures.FirstFailure?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        headers.Set(LastError, failures.LastError);
    }

    /// <summary>What has gone wrong with a received message that goes back to its queue; none for any other.</summary>
    public static FailureRecord? OfReturning(ReceiveContext context) => GoingBack.Of(context)?.Failures;

    /// <summary>An exception on one line.</summary>
    public static string Describe(Exception exception)
    {
        return StorableText.OnOneLine($"{exception.GetType().FullName}: {exception.Message}", LongestError - 1);
    }

    /// <summary>Takes the headers off what is sent because of a message that has failed before: they are that message's own.</summary>
    internal static void KeepToTheirMessage(SendContext context)
    {
        if (GoingBack.Is(context))
            return;

        foreach (var header in Names)
            context.Headers.Set(header, null);
    }

    /// <summary>The time that a header says, in universal time unless it says otherwise; none where it says none.</summary>
    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time) ? time : null;
}
