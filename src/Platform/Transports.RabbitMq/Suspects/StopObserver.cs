namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Notes that the host stops before its queues give back what they have prefetched, if any of them has a message in hand.
/// </summary>
sealed class StopObserver(SuspectNotes notes) : BusObserver, IReceiveObserver
{
    int _inHand;

    public override Task PreStop(IBus bus) => Volatile.Read(ref _inHand) > 0 ? notes.NoteStop() : Task.CompletedTask;

    public Task PreReceive(ReceiveContext context)
    {
        Interlocked.Increment(ref _inHand);
        return Task.CompletedTask;
    }

    public Task PostReceive(ReceiveContext context)
    {
        Interlocked.Decrement(ref _inHand);
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => PostReceive(context);

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;
}
