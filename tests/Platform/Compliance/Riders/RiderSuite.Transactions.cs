namespace Maestro.Bus.Compliance;

public abstract partial class RiderSuite<TBroker>
{
    [Fact]
    public async Task What_a_transaction_reads_and_writes_counts_together()
    {
        var (topic, results) = (NewTopic(), NewTopic());
        var host = await StartRelay(topic, results, _ => { });
        for (var number = 0; number < 20; number++)
            await Write(topic, $"{number}", Json("place", number));

        await Read(results, 20);
        await Stop(host);
        await StartRelay(topic, results, _ => { });
        await Write(topic, "last", Json("place", 20));

        // A broker that shows the records of transactions that were given up shows some twice, so that the last one may come after more
        // than there are.
        IReadOnlyList<int> numbers = [];
        while (!numbers.Contains(20))
            numbers = Numbers(await Read(results, Math.Max(21, numbers.Count + 1)));

        Assert.Equal(Enumerable.Range(0, 21), (Broker.HidesAborted ? numbers : numbers.Distinct()).Order());
    }

    static IReadOnlyList<int> Numbers(IEnumerable<StreamRecord> records) =>
        [.. records.Select(record => System.Text.Json.JsonDocument.Parse(record.Value).RootElement.GetProperty("number").GetInt32())];

    [Fact]
    public async Task What_fails_in_a_transaction_is_put_aside_by_it()
    {
        var (topic, results) = (NewTopic(), NewTopic());
        await StartRelay(topic, results, number =>
        {
            if (number == 1)
                throw new InvalidOperationException("Not this one.");
        });
        await Write(topic, "key", Json("place", 1));
        await Write(topic, "key", Json("place", 2));

        var letter = (await Read($"{topic}-dlq", 1))[0];
        var written = await Read(results, 1);

        Assert.Equal("Not this one.", letter.Headers.Get(MessageHeaders.FaultMessage));
        Assert.Contains("2", Text(written[0].Value));
    }

    Task<IHost> StartRelay(string topic, string results, Action<int> check) => Start(
        rider =>
        {
            rider.AddConsumer<Relay<TBroker>>();
            Broker.AddProducer<Concluded>(rider, results);
        },
        (context, factory) => factory.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
        {
            endpoint.Transactional = true;
            endpoint.UseRetryTopics(Retrying with { Attempts = 2 });
            endpoint.ConfigureConsumer<Relay<TBroker>>(context);
        }),
        services => services.AddSingleton(check));
}

/// <summary>Writes what follows from a measurement. Generic, so that no bus finds it by itself.</summary>
public sealed class Relay<TKey>(ITopicProducer<Concluded> producer, Action<int> check) : IConsumer<Measured>
{
    public async Task Consume(ConsumeContext<Measured> context)
    {
        await producer.Produce(
            context.Message.Place, new Concluded(context.Message.Place, context.Message.Number), context.CancellationToken);
        check(context.Message.Number);
    }
}
