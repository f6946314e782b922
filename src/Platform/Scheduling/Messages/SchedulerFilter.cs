using MassTransit.Context;

namespace Maestro.Bus.Scheduling;

/// <summary>Gives consumers and sagas the scheduler for all times, in place of the transport's.</summary>
sealed class SchedulerFilter(IServiceProvider services) : IFilter<ConsumeContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("scheduler");

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (context.TryGetPayload(out MessageSchedulerContext? transport))
            context.AddOrUpdatePayload<MessageSchedulerContext>(
                () => transport,
                known => new ConsumeMessageSchedulerContext(
                    context,
                    consumed =>
                        RoutedScheduler.Create(known.SchedulerFactory(consumed), consumed, consumed.GetPayload<IBusTopology>(), services)));

        return next.Send(context);
    }
}
