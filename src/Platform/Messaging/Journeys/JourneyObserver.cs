using MassTransit.Middleware;
using MassTransit.Transports;

namespace Maestro.Bus.Messaging;

/// <summary>Notes every handling of a message in the journey log.</summary>
sealed class JourneyObserver(JourneyLog log, BusSettings settings, TimeProvider time) : ReceivingObserver
{
    public override Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
    {
        // A message that has gone back to its queue is reported as consumed, too; a routing slip's under the name of MassTransit's own
        // filter.
        var retrying = consumerType == Redelivery.Outcome
            || consumerType.Contains(nameof(RedeliveryRetryFilter<,>), StringComparison.Ordinal);
        Note(
            context, duration, consumerType, retrying ? "retrying" : "handled",
            retrying ? FailureHeaders.OfReturning(context.ReceiveContext)?.LastError : null);
        return Task.CompletedTask;
    }

    public override Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
    {
        Note(context, duration, consumerType, "failed", exception.Message);
        return Task.CompletedTask;
    }

    void Note<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, string outcome, string? error)
        where T : class
    {
        if (context.ConversationId is not { } conversationId)
            return;

        log.Add(conversationId, new Hop(
            context.ReceiveContext.InputAddress.GetEndpointName()!,
            typeof(T).Name,
            context.MessageId,
            consumerType[(consumerType.LastIndexOf('.') + 1)..],
            time.GetUtcNow() - duration,
            duration,
            outcome,
            context.TenantId() ?? settings.DefaultTenant,
            error));
    }
}
