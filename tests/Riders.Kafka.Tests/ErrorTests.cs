using Confluent.Kafka;

namespace MaestroBus.Riders.Kafka.Tests;

/// <summary>What the clients say of a broker that is away.</summary>
public sealed class ErrorTests
{
    readonly MovableClock _clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
    readonly LogLines _log = new();

    [Fact]
    public void The_same_is_a_warning_once_in_a_while()
    {
        var errors = new KafkaErrors(_log, _clock);

        foreach (var attempt in Enumerable.Range(0, 10))
            errors.Tell(new Error(ErrorCode.Local_Transport, $"one:9092: refused, after {attempt} ms"));
        errors.Tell(new Error(ErrorCode.UnknownTopicOrPart, "no topic a"));
        errors.Tell(new Error(ErrorCode.UnknownTopicOrPart, "no topic b"));
        Assert.Equal(["Kafka: one:9092: refused, after 0 ms", "Kafka: no topic a", "Kafka: no topic b"], _log.Of(LogLevel.Warning));

        _clock.Now += KafkaErrors.Quiet;
        errors.Tell(new Error(ErrorCode.Local_Transport, "one:9092: still refused"));
        Assert.Equal("Kafka: one:9092: still refused", _log.Of(LogLevel.Warning)[^1]);
        Assert.Equal(9, _log.Of(LogLevel.Debug).Count);
    }

    [Fact]
    public void Why_a_broker_could_not_be_reached_counts_as_long_as_it_is_news()
    {
        var errors = new KafkaErrors(_log, _clock);
        Assert.Null(errors.Unreachable);

        errors.Tell(new Error(ErrorCode.Local_Authentication, "one:9092: wrong password"));
        errors.Tell(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.Equal("one:9092: wrong password", errors.Unreachable);

        _clock.Now += TimeSpan.FromSeconds(10);
        Assert.Null(errors.Unreachable);
    }
}
