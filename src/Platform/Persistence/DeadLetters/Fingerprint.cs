using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Persistence;

/// <summary>Tells which failures are alike: the same exception, at the same place, in messages of the same type.</summary>
static class Fingerprint
{
    const int LongestPlace = 300;

    // Whoever throws from a library was called wrongly by somebody else, and that is the place to look at.
    static readonly string[] Libraries = ["System.", "Microsoft.", "MassTransit.", "Npgsql.", "RabbitMQ.", "Confluent.", "MailKit.",
        "Polly."];

    public static string Of(string? exceptionType, string? place, string? messageType, string reason) =>
        Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{exceptionType ?? reason}\n{place}\n{messageType}")))[..DeadLetterGroup.FingerprintLength];

    /// <summary>
    /// The first frame of a stack trace that is no library's, without file and line, which change with every build; the first at all where
    /// there is none.
    /// </summary>
    public static string? PlaceOf(string? stackTrace)
    {
        string? first = null;

        foreach (var line in (stackTrace ?? "").AsSpan().EnumerateLines())
        {
            var frame = line.Trim();
            if (!frame.StartsWith("at ", StringComparison.Ordinal) || frame.IndexOf('(') < 0)
                continue;

            frame = frame[3..];
            if (frame.IndexOf(") in ", StringComparison.Ordinal) is >= 0 and var end)
                frame = frame[..(end + 1)];

            var place = frame[..Math.Min(frame.Length, LongestPlace)].ToString();
            if (!Array.Exists(Libraries, library => place.StartsWith(library, StringComparison.Ordinal)))
                return place;

            first ??= place;
        }

        return first;
    }
}
