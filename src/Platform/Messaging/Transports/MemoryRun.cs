namespace MaestroBus.Messaging;

/// <summary>
/// Refuses what is sent while the bus does not run, so that its sender learns of it, and the outbox keeps it. MassTransit 8.5 makes the
/// queues in memory anew with each start, and drops what comes for a queue that it has not made yet.
/// </summary>
sealed class MemoryRun : SendingObserver, IBusObserver
{
    volatile State _state = State.Stopped;

    enum State
    {
        Stopped,
        Runs,
        Stops,
    }

    public override Task PreSend<T>(SendContext<T> context) => Check(context);

    public override Task PrePublish<T>(PublishContext<T> context) => Check(context);

    void IBusObserver.PostCreate(IBus bus)
    {
    }

    void IBusObserver.CreateFaulted(Exception exception)
    {
    }

    Task IBusObserver.PreStart(IBus bus) => Task.CompletedTask;

    Task IBusObserver.PostStart(IBus bus, Task<BusReady> busReady) => Now(State.Runs);

    Task IBusObserver.StartFaulted(IBus bus, Exception exception) => Now(State.Stopped);

    Task IBusObserver.PreStop(IBus bus) => Now(State.Stops);

    Task IBusObserver.PostStop(IBus bus) => Now(State.Stopped);

    Task IBusObserver.StopFaulted(IBus bus, Exception exception) => Now(State.Stopped);

    Task Now(State state)
    {
        _state = state;
        return Task.CompletedTask;
    }

    Task Check(SendContext context) => _state switch
    {
        State.Runs => Task.CompletedTask,
        // Consumers have time to come to an end.
        State.Stops when context.TryGetPayload(out ConsumeContext? _) => Task.CompletedTask,
        _ => throw new InvalidOperationException(
            $"The bus does not run, so that nothing in memory takes a message for {context.DestinationAddress}. "
            + "Send it once the bus is started."),
    };
}
