namespace Maestro.Bus.Messaging;

/// <summary>
/// What a received message has beside its body, in the types in which its broker has it. It goes with the message into the dead letters,
/// and back to the transport when the message is sent again: as a payload of the send context.
/// </summary>
/// <param name="Headers">
/// All headers: null, bool, the integers, float, double, decimal, string, byte[], <see cref="WireTimestamp"/>, <see cref="WireBytes"/>, and
/// lists and dictionaries of these.
/// </param>
/// <param name="Properties">What the broker keeps beside the headers, such as a routing key, by the transport's own names.</param>
public sealed record ReceivedContent(IReadOnlyDictionary<string, object?> Headers, IReadOnlyDictionary<string, object?> Properties);

/// <summary>
/// A moment as a broker's protocol has it: a number whose unit is the sender's. AMQP means seconds since 1970; MassTransit writes
/// milliseconds.
/// </summary>
public sealed record WireTimestamp(long Value)
{
    const long LastSecond = 253_402_300_799;

    /// <summary>The moment; null if it is not in the years 1970 to 9999 in either unit.</summary>
    public DateTimeOffset? Moment => Value switch
    {
        >= 0 and <= LastSecond => DateTimeOffset.FromUnixTimeSeconds(Value),
        > LastSecond and <= LastSecond * 1000 => DateTimeOffset.FromUnixTimeMilliseconds(Value),
        _ => null,
    };

    /// <summary>The moment as ISO 8601 writes it, or the number.</summary>
    public override string ToString() =>
        Moment is { } moment
            ? moment.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture)
            : Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Bytes of a protocol that has a type of its own for them, beside that of texts.</summary>
public sealed record WireBytes(byte[] Value)
{
    /// <summary>The bytes in base64.</summary>
    public override string ToString() => Convert.ToBase64String(Value);
}
