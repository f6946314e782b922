using System.Globalization;

namespace Maestro.Bus.Messaging;

/// <summary>
/// What a dependency that seems down has cost a message so far. The attempts are given back once it has turned out that it was.
/// </summary>
/// <param name="Attempts">How many attempts.</param>
/// <param name="Since">When the first of them failed.</param>
/// <param name="Survived">How many outages were over, and others have got through, when the message failed again.</param>
sealed record Outage(int Attempts, DateTimeOffset Since, int Survived)
{
    public static Outage? Of(Headers headers) =>
        headers.Get<string>(FailureHeaders.Outage)?.Split(' ') is [var attempts, var since, var survived]
        && int.TryParse(attempts, CultureInfo.InvariantCulture, out var count)
        && int.TryParse(survived, CultureInfo.InvariantCulture, out var outages)
        && FailureHeaders.Time(since) is { } time
            ? new Outage(count, time, outages)
            : null;

    /// <summary>The outage with one more attempt.</summary>
    public Outage Add() => this with { Attempts = Attempts + 1 };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Attempts} {Since.UtcDateTime:O} {Survived}");
}
