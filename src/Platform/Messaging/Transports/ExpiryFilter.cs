namespace MaestroBus.Messaging;

/// <summary>Passes a message whose time is over to no consumer, so that it goes to the dead letters: for a transport that does not look at the time itself.</summary>
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

/// <summary>Says that a message was not handled because its time was over.</summary>
sealed record Expired;
