namespace Maestro.Bus.Compliance;

/// <summary>A message in the dead letters.</summary>
public sealed record DeadLetter(byte[] Body, IReadOnlyDictionary<string, object> Headers, Guid? MessageId);

/// <summary>Takes dead letters as they are.</summary>
sealed class DeadLetterReader(Received<DeadLetter> letters) : IFilter<ReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetterReader");

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) =>
        letters.Add(new DeadLetter(
            context.GetBody(),
            context.TransportHeaders.GetAll().ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase),
            context.GetMessageId()));
}
