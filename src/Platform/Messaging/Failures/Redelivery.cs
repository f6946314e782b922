using MassTransit.Middleware;

namespace Maestro.Bus.Messaging;

/// <summary>Gives a message back to its queue.</summary>
static class Redelivery
{
    /// <summary>What a message is said to be consumed by that has gone back to its queue.</summary>
    public const string Outcome = "Redelivery";

    /// <summary>Whether the broker has not taken a message back because of its size.</summary>
    public static bool IsTooLarge(TransportException refusal) =>
        refusal.InnerException is MessageTooLargeException or AggregateException { InnerExceptions: [MessageTooLargeException, ..] };

    /// <summary>Has the message delivered again after a delay, with what has gone wrong so far in its headers.</summary>
    /// <exception cref="TransportException">The broker does not take it. It holds the message still, and delivers it again.</exception>
    public static async Task Send<T>(
        ConsumeContext<T> context, TimeSpan delay, FailureRecord failures, Outage? outage, Exception? exception)
        where T : class
    {
        var returning = context.ReceiveContext.GetOrAddPayload(() => new GoingBack(failures));

        // The embedded transport keeps the message where it is, and gives it the headers of the one at hand.
        if (context.ReceiveContext.TryGetPayload(out SqlMessageContext? sql))
            Write(sql.TransportMessage.GetTransportHeaders());

        var redelivery = context.TryGetPayload(out MessageRedeliveryContext? known)
            ? known
            : new DelayedMessageRedeliveryContext<T>(context, RedeliveryOptions.None);

        try
        {
            await redelivery.ScheduleRedelivery(delay, (_, copy) => Write(copy.Headers));
            returning.IsDone = true;
        }
        catch (Exception refused)
        {
            returning.IsRefused = true;
            throw new TransportException(context.ReceiveContext.InputAddress, "The message cannot go back to its queue",
                exception is null ? refused : new AggregateException(refused, exception));
        }

        // What nobody has consumed would go to the dead letters as well.
        await context.NotifyConsumed(context, context.ReceiveContext.ElapsedTime, Outcome);

        void Write(SendHeaders headers)
        {
            headers.SetFailures(failures);
            headers.Set(FailureHeaders.Outage, outage?.ToString());
        }
    }
}
