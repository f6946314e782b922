namespace Maestro.Bus.Messaging;

/// <summary>
/// Reads whatever can be wrong about a message beside its body before its consumer runs: ids, times, addresses, and the headers that the
/// bus uses. MassTransit reads each when somebody asks for it, which may be after the consumer's effects, and then they would be repeated.
/// </summary>
sealed class MessageCheck : IFilter<ConsumeContext>
{
    // What is read, and what a refusal calls it.
    static readonly (string Name, string Part)[] Texts = Named(
        TenantHeader.Name, FailureHeaders.FirstFailure, FailureHeaders.LastError, FailureHeaders.Outage, MessageHeaders.SchedulingTokenId,
        MessageHeaders.Reason);

    static readonly (string Name, string Part)[] Numbers = Named(
        FailureHeaders.Attempts, MessageHeaders.RedeliveryCount, MessagePriority.Header);

    static readonly (string Part, Action<ConsumeContext> Read)[] Parts =
    [
        ("messageId", context => _ = context.MessageId),
        ("requestId", context => _ = context.RequestId),
        ("correlationId", context => _ = context.CorrelationId),
        ("conversationId", context => _ = context.ConversationId),
        ("initiatorId", context => _ = context.InitiatorId),
        ("sourceAddress", context => _ = context.SourceAddress),
        ("destinationAddress", context => _ = context.DestinationAddress),
        ("responseAddress", context => _ = context.ResponseAddress),
        ("faultAddress", context => _ = context.FaultAddress),
        ("sentTime", context => _ = context.SentTime?.ToUniversalTime()),
        ("expirationTime", context => _ = context.ExpirationTime?.ToUniversalTime()),
    ];

    public void Probe(ProbeContext context) => context.CreateFilterScope("messageCheck");

    /// <exception cref="InvalidMessageException">A part of the message cannot be read.</exception>
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var part = "headers";

        try
        {
            Headers(context.Headers, ref part);
            if (FailureHeaders.Of(context) is var transport && transport != context.Headers)
                Headers(transport, ref part);

            foreach (var (name, read) in Parts)
            {
                part = name;
                read(context);
            }
        }
        catch (Exception exception) when (exception is not InvalidMessageException)
        {
            // Whatever a reader throws of a part, it would throw again after the consumer.
            throw new InvalidMessageException(
                $"The message's {part} cannot be read, so that no consumer was given it: {exception.Message}");
        }

        return next.Send(context);
    }

    static void Headers(Headers headers, ref string part)
    {
        foreach (var (name, text) in Texts)
        {
            part = text;
            _ = headers.Get<string>(name);
        }

        foreach (var (name, text) in Numbers)
        {
            part = text;
            if (headers.Get<int>(name) is { } number and (< 0 or > FailureHeaders.MostAttempts))
                throw new InvalidMessageException(
                    $"The message's {part} is {number}, so that no consumer was given it. "
                    + $"Use a number from 0 to {FailureHeaders.MostAttempts}.");
        }
    }

    static (string Name, string Part)[] Named(params string[] headers) => [.. headers.Select(name => (name, $"header {name}"))];
}
