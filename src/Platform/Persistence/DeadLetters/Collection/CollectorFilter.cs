namespace Maestro.Bus.Persistence;

/// <summary>Takes the messages of a dead-letter queue as they are. Each is acknowledged when it is in the store, and not before.</summary>
sealed class CollectorFilter(string queue, DeadLetterWriter writer, BusTransport transport, TimeProvider time) : IFilter<ReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetterCollector");

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) =>
        writer.Keep(CollectedLetter.Of(queue, context, transport, time.GetUtcNow()));
}
