namespace Maestro.Bus.Riders;

/// <summary>
/// Gives the records of an endpoint a way to be tried again: a topic that is read when they are due. A record that waits there holds
/// nothing up.
/// </summary>
sealed class RetryTopics : IFilter<ReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("retryTopics");

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        context.GetOrAddPayload<MessageRedeliveryContext>(() => new RetryTopicContext((StreamReceiveContext)context));
        return next.Send(context);
    }
}
