namespace BusRoot.DomainName;

public sealed class StartDomainNameConsumer : IConsumer<StartDomainName>
{
    public Task Consume(ConsumeContext<StartDomainName> context)
    {
        var message = context.Message;

        if (string.IsNullOrWhiteSpace(message.Subject))
            throw new InvalidMessageException($"StartDomainName {message.Id} has no subject. Send it with one.");

        return context.Publish(new DomainNameStarted(message.Id, message.Subject), context.CancellationToken);
    }
}
