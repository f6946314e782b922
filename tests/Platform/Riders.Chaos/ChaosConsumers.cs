namespace Maestro.Bus.Riders.Chaos;

/// <summary>Tells of a number and of where it was read. Generic, so that no domain finds it by itself.</summary>
public sealed class TellingConsumer<TMessage> : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context)
    {
        var record = context.GetPayload<StreamRecord>();
        return Console.Out.WriteLineAsync($"{record.Partition.Number} {record.Offset} {context.Message.Key} {context.Message.Number}");
    }
}

/// <summary>Writes a number on. Generic, so that no domain finds it by itself.</summary>
public sealed class RelayingConsumer<TMessage>(ITopicProducer<Noted> producer) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context) =>
        producer.Produce(new Noted(context.Message.Key, context.Message.Number), context.CancellationToken);
}
