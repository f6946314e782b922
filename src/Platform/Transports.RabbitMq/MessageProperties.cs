using System.Globalization;
using MassTransit.Context;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>Makes a message's properties ones that RabbitMQ takes and treats as the other transports do.</summary>
sealed class MessageProperties(RabbitMqQueueType queueType)
{
    public void Prepare<T>(SendContext<T> context)
        where T : class
    {
        KeepExpired(context);

        if (!context.TryGetPayload(out RabbitMqSendContext? rabbit))
            return;

        // A message from the dead letters brings along what it was received with; one that goes back to its queue is in work still.
        if (context.TryGetPayload(out ReceivedContent? received))
            AmqpContent.GiveBack(context, rabbit, received);
        else if (context.TryGetPayload(out ConsumeContext? consumed) && FailureHeaders.OfReturning(consumed.ReceiveContext) is not null
            && consumed.ReceiveContext.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
            GiveBack(context, rabbit, consumed, AmqpContent.OfCopy(delivery, consumed.ReceiveContext));

        foreach (var (name, value) in context.Headers.GetAll())
        {
            if (value is IFormattable formattable && !IsKnown(value) && rabbit.BasicProperties.Headers?.ContainsKey(name) != true)
                rabbit.SetTransportHeader(name, formattable.ToString(null, CultureInfo.InvariantCulture));
        }

        // A message without a priority would come after all others.
        if (queueType == RabbitMqQueueType.Classic && !rabbit.BasicProperties.IsPriorityPresent())
            rabbit.BasicProperties.Priority = MessagePriority.Default;
    }

    static void GiveBack<T>(SendContext<T> context, RabbitMqSendContext rabbit, ConsumeContext consumed, ReceivedContent received)
        where T : class
    {
        // The body holds the envelope's headers, which MassTransit would write beside it, too. It is written when it is first asked for.
        if (context is MessageSendContext<T> message)
        {
            message.Body.GetBytes();
            foreach (var (name, _) in consumed.Headers.GetAll().ToList())
            {
                if (!received.Headers.ContainsKey(name) && !DeadLetterHeaders.IsOfFailure(name))
                    context.Headers.Set(name, null);
            }
        }

        AmqpContent.GiveBack(context, rabbit, received);
    }

    /// <summary>Whether RabbitMQ's client or MassTransit knows how to write a header's value. The body has every header as it is.</summary>
    static bool IsKnown(object value) =>
        value is byte or sbyte or short or ushort or int or uint or long or float or double or DateTime or DateTimeOffset or Guid;

    /// <summary>
    /// Leaves the look at the time to the consumer, which puts what has expired into the dead letters. The broker drops it, and would let a
    /// delayed message out early.
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
