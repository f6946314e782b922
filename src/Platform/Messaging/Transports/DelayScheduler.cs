using MassTransit.Context;
using MassTransit.Scheduling;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Schedules with a transport's delayed delivery where what is scheduled cannot be taken back. MassTransit's own pretends to cancel and
/// delivers all the same.
/// </summary>
sealed class DelayScheduler(
    ISendEndpointProvider endpoints, IPublishEndpointProvider publishing, string transport, Uri? ownQueue = null) : IScheduleMessageProvider
{
    readonly DelayedScheduleMessageProvider _delays = new(endpoints);

    public async Task<ScheduledMessage<T>> ScheduleSend<T>(
        Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class
    {
        // In memory the type's exchange leads to those of what it implements only once it is published to.
        _ = await publishing.GetPublishSendEndpoint<T>();
        return await _delays.ScheduleSend(destinationAddress, scheduledTime, message, pipe, cancellationToken);
    }

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken) => throw Refusal();

    // A saga cancels its time-outs in its own queue, and ignores those that come nevertheless.
    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) =>
        ownQueue is not null && destinationAddress == ownQueue ? Task.CompletedTask : throw Refusal();

    NotSupportedException Refusal() =>
        new(
            $"The transport '{transport}' cannot cancel a scheduled message. Let the consumer ignore it, or choose a transport in "
                + "Bus:Transport that can, such as sqlite.");

    /// <summary>Gives consumers and sagas their scheduler.</summary>
    public sealed class Filter(string transport) : IFilter<ConsumeContext>
    {
        public void Probe(ProbeContext context) => context.CreateFilterScope("delayScheduler");

        public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
        {
            context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(context, Scheduler));
            return next.Send(context);
        }

        IMessageScheduler Scheduler(ConsumeContext context) =>
            new MessageScheduler(
                new DelayScheduler(context, context.ReceiveContext.PublishEndpointProvider, transport, context.ReceiveContext.InputAddress),
                context.GetPayload<IBusTopology>());
    }
}
