using System.Text.Json;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Turns the values of header fields as RabbitMQ's client has them into those of <see cref="ReceivedContent"/>, and back.
/// </summary>
static class AmqpValue
{
    public static object? Of(object? value) => value switch
    {
        // A text and bytes are one type in AMQP.
        byte[] bytes => WireText.OrBytes(bytes),
        BinaryTableValue binary => new WireBytes(binary.Bytes),
        AmqpTimestamp timestamp => new WireTimestamp(timestamp.UnixTime),
        IDictionary<string, object?> table => table.ToDictionary(field => field.Key, field => Of(field.Value)),
        IList<object?> list => list.Select(Of).ToList(),
        _ => value,
    };

    public static object? ToAmqp(object? value) => value switch
    {
        WireBytes binary => new BinaryTableValue(binary.Value),
        WireTimestamp timestamp => new AmqpTimestamp(timestamp.Value),
        IDictionary<string, object?> table => table.ToDictionary(field => field.Key, field => ToAmqp(field.Value)),
        IList<object?> list => list.Select(ToAmqp).ToList(),
        JsonElement json => OfJson(json),
        ulong number => number <= long.MaxValue ? (object)(long)number : (decimal)number,
        _ => value,
    };

    static object? OfJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(field => field.Name, field => OfJson(field.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(OfJson).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt64(out var number) ? (object)number : json.GetDouble(),
        _ => null,
    };
}
