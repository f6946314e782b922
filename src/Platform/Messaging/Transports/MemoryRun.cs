namespace Maestro.Bus.Messaging;

/// <summary>
/// Refuses what is sent while the bus does not run, so that its sender learns of it, and the outbox keeps it. MassTransit 8.5 makes the
/// queues in memory anew with each start, and drops what comes for a queue that it has not made yet.
/// </summary>
sealed class MemoryRun : BusObserver
{
    volatile State _state = State.Stopped;

    public MemoryRun() => Gate = new SendingGate(this);

    enum State
    {
        Stopped,
        Runs,
        Stops,
    }

    /// <summary>Refuses what is sent and published while the bus does not run.</summary>
    public SendingObserver Gate { get; }

    public override Task PostStart(IBus bus, Task<BusReady> busReady) => Now(State.Runs);

    public override Task StartFaulted(IBus bus, Exception exception) => Now(State.Stopped);

    public override Task PreStop(IBus bus) => Now(State.Stops);

    public override Task PostStop(IBus bus) => Now(State.Stopped);

    public override Task StopFaulted(IBus bus, Exception exception) => Now(State.Stopped);

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

    sealed class SendingGate(MemoryRun run) : SendingObserver
    {
        public override Task PreSend<T>(SendContext<T> context) => run.Check(context);

        public override Task PrePublish<T>(PublishContext<T> context) => run.Check(context);
    }
}
