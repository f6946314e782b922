namespace Maestro.Bus.Messaging;

/// <summary>Has what is sent or published wait for its turn.</summary>
sealed class PublishLimitFilter(PublishLimits limits) : IFilter<SendContext>, IFilter<PublishContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("publishLimit");

    public async Task Send(SendContext context, IPipe<SendContext> next)
    {
        await limits.Wait(context);
        await next.Send(context);
    }

    public async Task Send(PublishContext context, IPipe<PublishContext> next)
    {
        await limits.Wait(context);
        await next.Send(context);
    }
}
