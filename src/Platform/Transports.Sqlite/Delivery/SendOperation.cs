namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// A message on its way in. The sender waits until it is committed. While another process writes it may wait for long: what its sender has
/// given up by then is not written.
/// </summary>
sealed class SendOperation(
    SqliteBroker broker, string destination, bool toTopic, Message message, TimeSpan? delay, CancellationToken cancellationToken)
    : Operation
{
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Destination => destination;

    public bool ToTopic => toTopic;

    public Message Message => message;

    public TimeSpan? Delay => delay;

    public Task Task => _completion.Task;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public override void Execute() => broker.Enqueue(this);

    public override void Committed() => _completion.TrySetResult();

    public override void Failed(Exception exception) => _completion.TrySetException(exception);
}

/// <summary>A message that is handled.</summary>
sealed class CompleteOperation(Dispatcher dispatcher, Receiver receiver, Message message) : Operation
{
    public override bool IsRepeated => true;

    public override void Execute() => dispatcher.Complete(receiver, message);
}
