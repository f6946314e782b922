using MassTransit.Transports;

namespace MaestroBus.Messaging;

/// <summary>Passes a message whose time is over to no consumer. What no consumer has got goes to the dead letters.</summary>
sealed class ExpiryFilter(TimeProvider time) : IFilter<ConsumeContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("expiry");

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (context.ExpirationTime is not { } expiration || expiration.ToUniversalTime() > time.GetUtcNow().UtcDateTime)
            return next.Send(context);

        context.ReceiveContext.GetOrAddPayload(() => new Expired());
        return Task.CompletedTask;
    }
}

/// <summary>Moves a message that no consumer has got to the dead letters, and says why.</summary>
sealed class UnhandledMessageFilter : IFilter<ReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("unhandledMessage");

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        await context.GetPayload<IDeadLetterTransport>().Send(context, context.TryGetPayload(out Expired? _) ? "expired" : "dead-letter");
        await next.Send(context);
    }
}

/// <summary>Says that a message was not handled because its time was over.</summary>
sealed record Expired;
