using MassTransit.Middleware.Rescue;
using MassTransit.Transports;

namespace Maestro.Bus.Messaging;

/// <summary>Moves a message that no consumer has got to the dead letters, and says why.</summary>
sealed class UnhandledMessageFilter(string queue, TimeProvider time, ILogger logger, MessageMetrics? metrics) : IFilter<ReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("unhandledMessage");

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var expired = context.TryGetPayload(out Expired? known) ? known : null;
        var failed = new RescueExceptionReceiveContext(TextReceiveContext.AsReceived(context), new UnhandledMessageException(
            expired is null
                ? "No consumer of this queue handles messages of this type."
                : $"The message's time was over at {expired.At:u}."));
        failed.ExceptionHeaders.SetFailures(new FailureRecord(0, time.GetUtcNow(), FailureHeaders.Describe(failed.Exception)));
        var reason = expired is null ? DeadLetterReason.Unhandled : DeadLetterReason.Expired;
        DeadLetterFilter.Explain(failed, reason);

        await context.GetPayload<IErrorTransport>().Send(failed);
        metrics?.Ended(queue, context, ConsumedOutcome.DeadLettered);
        DeadLetterFilter.Tell(logger, queue, failed, reason);
        await next.Send(context);
    }
}
