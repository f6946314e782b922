using System.Globalization;
using System.Text;

namespace Maestro.Bus.Alerting;

/// <summary>Puts alerts into words.</summary>
static class AlertText
{
    const int LongestMessage = 300;

    public static Alert Of(IReadOnlyList<DeadLetterArrival> arrivals, DateTimeOffset now)
    {
        var count = arrivals.Sum(arrival => arrival.Count);
        var title = arrivals.Count == 1
            ? $"{Letters(count)} in {arrivals[0].Queue}: {Short(arrivals[0].ExceptionType) ?? arrivals[0].Reason}"
            : $"{Letters(count)} of {arrivals.Count} kinds in {string.Join(
                ", ", arrivals.Select(arrival => arrival.Queue).Distinct().Order(StringComparer.Ordinal))}";

        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{title}.");
        foreach (var arrival in arrivals)
        {
            text.AppendLine()
                .AppendLine(CultureInfo.InvariantCulture,
                    $"{arrival.Count} x {Short(arrival.MessageType) ?? "a message of unknown type"} in {arrival.Queue} ({arrival.Reason}), "
                        + $"group {arrival.Fingerprint}")
                .AppendLine(CultureInfo.InvariantCulture, $"  {arrival.ExceptionType ?? "No exception"}: {Cut(arrival.ExceptionMessage)}");
            if (arrival.Place is not null)
                text.AppendLine(CultureInfo.InvariantCulture, $"  at {arrival.Place}");
            text.AppendLine(CultureInfo.InvariantCulture, $"  maestro dlq show {arrival.NewestId}");
        }

        return new Alert(OneLine(title), text.ToString(), now, arrivals);
    }

    static string Letters(long count) => count == 1 ? "One dead letter" : $"{count} dead letters";

    static string? Short(string? type) => type?[(type.LastIndexOfAny([':', '.']) + 1)..];

    static string? Cut(string? message) => message is null ? null : StorableText.Cut(message, LongestMessage);

    // It becomes a header of an e-mail, and parts of it come from anybody.
    static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
