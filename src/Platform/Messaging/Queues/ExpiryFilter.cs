namespace Maestro.Bus.Messaging;

/// <summary>Passes a message whose time is over to no consumer. What no consumer has got goes to the dead letters.</summary>
sealed class ExpiryFilter(TimeProvider time) : IFilter<ConsumeContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("expiry");

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (context.ExpirationTime is not { } expiration || expiration.ToUniversalTime() > time.GetUtcNow().UtcDateTime)
            return next.Send(context);

        context.ReceiveContext.GetOrAddPayload(() => new Expired(expiration.ToUniversalTime()));
        return Task.CompletedTask;
    }
}

/// <summary>Says that a message was not handled because its time was over.</summary>
sealed record Expired(DateTime At);
