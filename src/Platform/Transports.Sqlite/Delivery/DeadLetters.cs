using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Where messages go that have failed for good, and what tells why.</summary>
static class DeadLetters
{
    const string Suffix = "-dlq";

    public static string QueueOf(string queue) => queue + Suffix;

    /// <summary>The queue that the dead letters in a queue come from; none when it holds no dead letters.</summary>
    public static string? SourceOf(string queue) => queue.EndsWith(Suffix, StringComparison.Ordinal) ? queue[..^Suffix.Length] : null;

    /// <summary>Whether a queue holds dead letters: they stay there as they are, however often they are delivered.</summary>
    public static bool Holds(string queue) => SourceOf(queue) is not null;

    public static string? TooManyDeliveries(SqlTransportMessage message)
    {
        var headers = SqlTransportMessage.DeserializeHeaders(message.TransportHeaders);
        headers.Set(MessageHeaders.Reason, "fault");
        headers.Set(MessageHeaders.FaultMessage,
            $"The message was delivered {message.DeliveryCount} times, and none of its consumers came to an end with it.");
        return Serialize(headers);
    }

    /// <summary>Headers in the form in which <see cref="SqlTransportMessage"/> reads them.</summary>
    public static string? Serialize(SendHeaders headers)
    {
        var all = headers.GetAll().ToList();
        return all.Count > 0
            ? JsonSerializer.Serialize<IEnumerable<KeyValuePair<string, object>>>(all, SystemTextJsonMessageSerializer.Options)
            : null;
    }
}
