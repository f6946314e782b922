using MassTransit.Context;

namespace Maestro.Bus.Messaging;

/// <summary>
/// A message's priority, from 0 (last) to 9 (first): a header on every transport, and the transport's own where it has
/// <see cref="TransportCapabilities.Priority"/>.
/// </summary>
public static class MessagePriority
{
    /// <summary>The priority that stands for none.</summary>
    public const int Default = 4;

    /// <summary>The highest priority.</summary>
    public const int Highest = 9;

    /// <summary>The header that says it on every transport.</summary>
    public const string Header = "priority";

    // The names under which RabbitMQ's and the SQL transports' messages keep their priority, wherever they are kept themselves, as in an
    // outbox.
    const string RabbitMqProperty = "RMQ-Priority";
    const string SqlProperty = "SQL-Priority";

    // What the SQL transports take for a message without a priority; there, less comes first.
    const int SqlDefault = 100;

    /// <summary>Says how urgent a message is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not one from 0 to <see cref="Highest"/>.</exception>
    public static void SetPriority(this SendContext context, int priority)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, Highest);
        context.Headers.Set(Header, priority);

        if (!context.TryGetPayload(out TransportSendContext? transport))
            return;

        var properties = new Dictionary<string, object>();
        transport.WritePropertiesTo(properties);
        properties[RabbitMqProperty] = (byte)priority;
        properties[SqlProperty] = (short)(SqlDefault + Default - priority);
        transport.ReadPropertiesFrom(properties);
    }

    /// <summary>How urgent a message is; none where nobody has said.</summary>
    public static int? Priority(this MessageContext context) => context.Headers.Get<int>(Header);
}
