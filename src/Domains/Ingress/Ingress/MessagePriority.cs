using MassTransit.Context;

namespace MaestroBus.Ingress;

/// <summary>A message's priority, from 0 (last) to 9 (first): a header on every transport, and the transport's own where it has one.</summary>
static class MessagePriority
{
    public const string Header = "priority";

    // The names under which RabbitMQ's and the SQL transports' messages keep their priority, wherever they are kept themselves, as in an outbox.
    const string RabbitMqProperty = "RMQ-Priority";
    const string SqlProperty = "SQL-Priority";

    // What the SQL transports take for a message without a priority; there, less comes first.
    const int SqlDefault = 100;

    public static void SetPriority(this SendContext context, int priority)
    {
        context.Headers.Set(Header, priority);

        if (!context.TryGetPayload(out TransportSendContext? transport))
            return;

        var properties = new Dictionary<string, object>();
        transport.WritePropertiesTo(properties);
        properties[RabbitMqProperty] = (byte)priority;
        properties[SqlProperty] = (short)(SqlDefault + IngressSettings.DefaultPriority - priority);
        transport.ReadPropertiesFrom(properties);
    }

    public static int? Priority(this MessageContext context) => context.Headers.Get<int>(Header);
}
