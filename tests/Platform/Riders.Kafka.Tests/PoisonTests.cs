namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>One in a hundred records cannot be read.</summary>
public sealed class PoisonTests(KafkaBroker broker) : RiderScenario<KafkaBroker>(broker)
{
    static readonly int Messages = LongSuite.Size(5000, full: 100_000);

    [Fact]
    public async Task The_partition_never_stops_and_each_is_in_the_dead_letters_with_its_bytes_its_offset_and_the_reason()
    {
        var topic = NewTopic();
        var (handled, slowest, last) = (0, 0L, 0L);
        await Start<Measured>(topic, _ =>
        {
            var now = Environment.TickCount64;
            var before = Interlocked.Exchange(ref last, now);
            if (before > 0)
                InterlockedMax(ref slowest, now - before);
            Interlocked.Increment(ref handled);
            return Task.CompletedTask;
        }, endpoint => endpoint.UseRetryTopics(new QueuePolicy { Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(300) }));

        await using (var plugin = Broker.CreatePlugin())
            await Task.WhenAll(Enumerable.Range(0, Messages).Select(number =>
                plugin.Produce(Record(topic, $"key-{number % 100}", number % 100 == 7 ? Broken(number) : Json("place", number)), Cancel)));

        await Eventually.True(() => Task.FromResult(Volatile.Read(ref handled) >= Messages - (Messages / 100)),
            TimeSpan.FromSeconds(60 + (Messages / 1_000)), "all readable records", Cancel);
        var letters = await Read($"{topic}-dlq", Messages / 100);
        var places = (await Read(topic, Messages)).Where(record => Text(record.Value).StartsWith("{broken", StringComparison.Ordinal))
            .ToDictionary(record => Text(record.Value), record => ($"{record.Partition.Number}", $"{record.Offset}"));

        TestContext.Current.SendDiagnosticMessage($"{handled} handled, {letters.Count} dead letters, the longest silence was {slowest} ms");
        Assert.Equal(Messages - (Messages / 100), handled);
        Assert.Equal(places.Keys.Order(), letters.Select(letter => Text(letter.Value)).Order());
        Assert.All(letters, letter =>
        {
            Assert.Equal(
                places[Text(letter.Value)], (letter.Headers.Get(StreamHeaders.Partition), letter.Headers.Get(StreamHeaders.Offset)));
            Assert.Equal(DeadLetterReason.Unreadable, letter.Headers.Get(MessageHeaders.Reason));
            Assert.Contains("Measured in JSON", letter.Headers.Get(MessageHeaders.FaultMessage));
        });
    }

    static string Broken(int number) => $"{{broken {number}";

    static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
