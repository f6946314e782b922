using System.Text;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Records that are as large as the broker takes: there is no room for the headers of their retries and dead letters.</summary>
public sealed class LargeRecordTests(LargeRecordTests.SmallBroker broker) : RiderScenario<LargeRecordTests.SmallBroker>(broker)
{
    const int Limit = 2_000;

    static readonly string Large = new('x', Limit - 100);

    [Fact]
    public async Task One_that_is_too_large_is_refused_with_its_topic_and_what_to_do()
    {
        var topic = NewTopic();

        var refusal = await Assert.ThrowsAsync<MessageTooLargeException>(() => Write(topic, "key", Large + Large));

        Assert.Contains($"'{topic}'", refusal.Message);
        Assert.Contains($"{2 * Large.Length} bytes", refusal.Message);
        Assert.Contains("message.max.bytes", refusal.Message);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task One_that_fails_and_is_too_large_to_be_put_aside_holds_up_nothing(bool isReadable, bool isTransactional)
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Start<Measured>(topic, async context =>
        {
            await received.Add(context.Message.Number);
            if (context.Message.Number == 1)
                throw new InvalidOperationException("It cannot be.");
        }, endpoint =>
        {
            endpoint.Transactional = isTransactional;
            endpoint.UseRetryTopics(new QueuePolicy { Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(300) });
        });

        await Write(topic, "key", isReadable ? Json(Large[..^30], 1) : Large);
        await Write(topic, "key", Json("place", 2));

        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Equal(isReadable ? [1, 2] : [2], await received.AtLeast(isReadable ? 2 : 1));
        Assert.Equal(("key", ""), (Encoding.UTF8.GetString(letter.Key!), Encoding.UTF8.GetString(letter.Value!)));
        Assert.Equal((topic, "0"), (letter.Headers.Get(StreamHeaders.Topic), letter.Headers.Get(StreamHeaders.Offset)));
        Assert.Equal(isReadable ? DeadLetterReason.Fault : DeadLetterReason.Unreadable, letter.Headers.Get(MessageHeaders.Reason));
        Assert.Contains(
            $"too large for its dead letters, and its bytes are only where it comes from, for as long as they are kept there: {topic}/",
            letter.Headers.Get(MessageHeaders.FaultMessage));
        Assert.Contains(isReadable ? "It cannot be." : "Measured in JSON", letter.Headers.Get(MessageHeaders.FaultMessage));
    }

    /// <summary>A broker whose clients send little at once.</summary>
    public sealed class SmallBroker(SharedKafka shared) : KafkaBroker(shared)
    {
        public override KafkaSettings Settings
        {
            get
            {
                var settings = base.Settings;
                settings.Properties["message.max.bytes"] = $"{Limit}";
                return settings;
            }
        }
    }
}
