using MassTransit.Context;

namespace Maestro.Bus.Scheduling;

/// <summary>Passes a scheduled message that was taken back to no consumer, where the transport cannot take it back itself.</summary>
sealed class CancelledFilter(IScheduleStore store, BusTransport transport) : IFilter<ConsumeContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("cancelled");

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (!transport.Capabilities.HasFlag(TransportCapabilities.CancelScheduled)
            && Guid.TryParse(context.Headers.Get<string>(MessageHeaders.SchedulingTokenId), out var token)
            && await store.IsCancelled(token, context.CancellationToken))
        {
            // It counts as handled, not as a message that nobody wants.
            await context.NotifyConsumed(
                new MessageConsumeContext<CancelledMessage>(context, new CancelledMessage()), TimeSpan.Zero, nameof(CancelledFilter));
            return;
        }

        await next.Send(context);
    }
}

/// <summary>Stands for the message that was not handled.</summary>
sealed record CancelledMessage;
