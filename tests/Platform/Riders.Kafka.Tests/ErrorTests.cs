using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>What the log has of what the clients report.</summary>
public sealed class ErrorTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly ManualTimers _clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
    readonly LogLines _log = new();
    readonly KafkaErrors _errors;
    bool _isAway;

    public ErrorTests() => _errors = new KafkaErrors(
        "one:9092,two:9092",
        (_, _) => Volatile.Read(ref _isAway) ? throw new KafkaException(ErrorCode.Local_Transport) : Task.CompletedTask, _log, _clock);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_same_is_a_warning_once_in_a_while()
    {
        foreach (var attempt in Enumerable.Range(0, 10))
            _errors.Tell(new Error(ErrorCode.Local_Transport, $"one:9092: refused, after {attempt} ms"));
        _errors.Tell(new Error(ErrorCode.UnknownTopicOrPart, "no topic a"));
        _errors.Tell(new Error(ErrorCode.UnknownTopicOrPart, "no topic b"));
        Assert.Equal(["Kafka: one:9092: refused, after 0 ms", "Kafka: no topic a", "Kafka: no topic b"], _log.Of(LogLevel.Warning));

        _clock.Advance(TimeSpan.FromMinutes(1));
        _errors.Tell(new Error(ErrorCode.Local_Transport, "one:9092: still refused"));
        Assert.Equal("Kafka: one:9092: still refused", _log.Of(LogLevel.Warning)[^1]);
        Assert.Equal(9, _log.Of(LogLevel.Debug).Count);
    }

    [Fact]
    public void Why_no_broker_was_reached_is_known_for_some_seconds_whatever_the_clock_shows()
    {
        _clock.Jump(TimeSpan.FromDays(40));
        _errors.Tell(new Error(ErrorCode.Local_Transport, "one:9092: refused"));
        _clock.Jump(TimeSpan.FromDays(40));
        Assert.Equal("one:9092: refused", _errors.Unreachable);

        _clock.Jump(TimeSpan.FromDays(-80));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(_errors.Unreachable);
    }

    [Fact]
    public async Task While_no_broker_answers_there_is_a_line_when_that_begins_one_a_minute_and_one_when_it_ends()
    {
        Volatile.Write(ref _isAway, true);
        Refused();
        Assert.True(_errors.IsAway);

        for (var second = 0; second < 150; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Refused();
        }

        Volatile.Write(ref _isAway, false);
        await Eventually.True(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(!_errors.IsAway);
            },
            Limit, "the end of the outage", Cancel);

        Assert.Equal(
            [
                "Kafka at one:9092,two:9092 cannot be reached: two:9092: refused. It is tried again until it can",
                "Kafka at one:9092,two:9092 has not been reached for 00:01:00: two:9092: refused",
                "Kafka at one:9092,two:9092 has not been reached for 00:02:00: two:9092: refused",
            ],
            _log.Of(LogLevel.Warning).Take(3));
        Assert.StartsWith("Kafka at one:9092,two:9092 is back after ", Assert.Single(_log.Of(LogLevel.Information)));
        Assert.All(_log.Of(LogLevel.Warning), line => Assert.StartsWith("Kafka at one:9092,two:9092 ", line));

        void Refused()
        {
            _errors.Tell(new Error(ErrorCode.Local_Transport, "two:9092: refused"));
            _errors.Tell(new Error(ErrorCode.Local_AllBrokersDown, "2/2 brokers are down"));
        }
    }

    [Fact]
    public async Task Offsets_that_cannot_be_committed_are_a_warning_once_a_minute_for_each_group_and_none_in_an_outage()
    {
        foreach (var _ in Enumerable.Range(0, 10))
            NotCommitted("orders", ErrorCode.UnknownMemberId);
        NotCommitted("bills", ErrorCode.UnknownMemberId);
        _clock.Advance(TimeSpan.FromMinutes(1));
        NotCommitted("orders", ErrorCode.UnknownMemberId);

        Assert.Equal(["orders 0", "bills 0", "orders 9"], _log.Entries.Where(line => line.Level == LogLevel.Warning)
            .Select(line => $"{line.Properties["Group"]} {line.Properties["Untold"]}"));
        Assert.All(_log.Entries.Where(line => line.Level == LogLevel.Warning), line => Assert.Null(line.Exception));

        Volatile.Write(ref _isAway, true);
        for (var second = 0; second < 70; second++)
        {
            NotCommitted("orders", ErrorCode.Local_TimedOut);
            NotCommitted("orders", ErrorCode.UnknownMemberId);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Volatile.Write(ref _isAway, false);
        await Eventually.True(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(!_errors.IsAway);
            },
            Limit, "the end of the outage", Cancel);

        Assert.All(_log.Of(LogLevel.Warning).Skip(3), line => Assert.StartsWith("Kafka at one:9092,two:9092 ", line));
        Assert.Contains(" has not been reached for 00:01:00", _log.Of(LogLevel.Warning)[4]);

        void NotCommitted(string group, ErrorCode code) => _errors.NotCommitted(group, new KafkaException(code));
    }

    [Fact]
    public void A_client_that_reports_an_outage_after_its_end_begins_none()
    {
        _errors.Tell(new Error(ErrorCode.Local_AllBrokersDown, "2/2 brokers are down"));

        Assert.False(_errors.IsAway);
        Assert.Empty(_log.Of(LogLevel.Warning));
    }

    [Fact]
    public void Why_a_broker_could_not_be_reached_counts_as_long_as_it_is_news()
    {
        Assert.Null(_errors.Unreachable);

        _errors.Tell(new Error(ErrorCode.Local_Authentication, "one:9092: wrong password"));
        _errors.Tell(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.Equal("one:9092: wrong password", _errors.Unreachable);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(_errors.Unreachable);
    }

    public void Dispose() => _errors.Dispose();
}
