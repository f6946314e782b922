namespace Maestro.Bus.Messaging;

/// <summary>
/// Leaves a message alone that is back in its queue. MassTransit 8.5 waits at the end of a delivery for all that its consumers have sent,
/// and fails if one of that has not been taken, although the consumer has failed with the same exception before, and its message is tried
/// again. A dead letter of it would be a second message, or one that does not exist.
/// </summary>
sealed class GoneBackFilter : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("goneBack");

    // One of several consumers may have given the message up.
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
        GoingBack.Of(context) is { IsDone: true } && !context.TryGetPayload(out FailureRecord? _) ? Task.CompletedTask : next.Send(context);
}
