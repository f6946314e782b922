using System.Globalization;
using MassTransit.Context;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Makes a message's properties ones that RabbitMQ takes and treats as the other transports do.</summary>
sealed class MessageProperties(RabbitMqQueueType queueType)
{
    public void Prepare<T>(SendContext<T> context)
        where T : class
    {
        KeepExpired(context);

        if (!context.TryGetPayload(out RabbitMqSendContext? rabbit))
            return;

        foreach (var (name, value) in context.Headers.GetAll())
            if (value is IFormattable formattable && !IsKnown(value))
                rabbit.SetTransportHeader(name, formattable.ToString(null, CultureInfo.InvariantCulture));

        // A message without a priority would come after all others.
        if (queueType == RabbitMqQueueType.Classic && !rabbit.BasicProperties.IsPriorityPresent())
            rabbit.BasicProperties.Priority = MessagePriority.Default;
    }

    /// <summary>Whether RabbitMQ's client or MassTransit knows how to write a header's value. The body has every header as it is.</summary>
    static bool IsKnown(object value) =>
        value is byte or sbyte or short or ushort or int or uint or long or float or double or DateTime or DateTimeOffset or Guid;

    /// <summary>
    /// Leaves the look at the time to the consumer, which puts what has expired into the dead letters. The broker drops it, and would let a delayed message out early.
    /// </summary>
    static void KeepExpired<T>(SendContext<T> context)
        where T : class
    {
        if (context.TimeToLive is null || context is not MessageSendContext<T> message)
            return;

        // The body holds the time, and is written when it is first asked for.
        message.Body.GetBytes();
        context.TimeToLive = null;
    }
}
