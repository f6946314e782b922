using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>Which consumers handle messages that say the same once, and by which fields they tell.</summary>
public sealed class Idempotency
{
    readonly ConcurrentDictionary<(Type Consumer, Type Message), CriticalFields> _fields = new();

    /// <summary>Has a consumer handle messages that say the same once, as <see cref="IdempotentAttribute"/> does.</summary>
    /// <param name="fields">The critical fields; none for the whole message.</param>
    /// <exception cref="BusConfigurationException">An expression names no field.</exception>
    public void Add<TConsumer, TMessage>(params Expression<Func<TMessage, object?>>[] fields)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class =>
        _fields[(typeof(TConsumer), typeof(TMessage))] = CriticalFields.Of(typeof(TMessage), [.. fields.Select(CriticalFields.PathOf)]);

    /// <exception cref="BusConfigurationException">The consumer's or the message's attribute names a field that the message does not
    /// have.</exception>
    internal CriticalFields? Of(Type consumer, Type message) =>
        _fields.TryGetValue((consumer, message), out var added) ? added
        : (consumer.GetCustomAttribute<IdempotentAttribute>() ?? message.GetCustomAttribute<IdempotentAttribute>()) is { } attribute
            ? CriticalFields.Of(message, attribute.Fields)
        : null;
}
