using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>What Kafka's clients do by a clock that is wrong for a while.</summary>
public sealed class ClockTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Wrong = TimeSpan.FromDays(40);
    static readonly StreamSubscription Subscription = new(["orders"], "shop", StreamPosition.Earliest, 100, IsTransactional: false);

    readonly ManualTimers _clock = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    int _made;
    Action<string>? _tell;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_dies_while_the_clock_is_ahead_is_made_anew_within_seconds_when_it_is_put_right()
    {
        await using var renewable = new Renewable<MemoryStream>(Make, () => 0, _clock);
        _clock.Jump(Wrong);
        await Use(renewable);
        _tell!("It is fenced.");
        var waiting = Use(renewable);
        _clock.Jump(-Wrong);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _made);
        Assert.Equal("It is fenced.", renewable.Problem);
        _clock.Advance(TimeSpan.FromSeconds(9));
        await waiting.WaitAsync(Limit, Cancel);

        Assert.Equal(2, _made);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(renewable.Problem);
    }

    [Fact]
    public async Task Topics_that_were_looked_at_while_the_clock_was_ahead_are_looked_at_again_within_seconds_when_it_is_put_right()
    {
        var looks = 0;
        await using var admin = new Renewable<IAdminClient>(
            _ =>
            {
                Interlocked.Increment(ref looks);
                throw new KafkaException(ErrorCode.Local_Transport);
            },
            () => 0, _clock);
        var watch = new TopicWatch(
            Subscription, new KafkaBrokers(admin), new KafkaMembership(new KafkaSettings(), Subscription, _clock), _clock,
            NullLogger.Instance);
        _clock.Jump(Wrong);
        await Looks(1);
        _clock.Jump(-Wrong);

        _clock.Advance(TimeSpan.FromSeconds(5));
        await Looks(2);

        Task Looks(int count) => Eventually.True(
            () =>
            {
                watch.LookIfDue([]);
                return Task.FromResult(Volatile.Read(ref looks) == count);
            },
            Limit, $"look {count}", Cancel);
    }

    [Fact]
    public void What_a_broker_has_refused_a_member_counts_for_some_seconds_whatever_the_clock_shows()
    {
        var membership = new KafkaMembership(new KafkaSettings(), Subscription, _clock);
        membership.Joined();
        _clock.Jump(Wrong);
        membership.Refused(Refusal(ErrorCode.TopicAuthorizationFailed));
        membership.Refused(Refusal(ErrorCode.GroupAuthorizationFailed));
        _clock.Jump(-Wrong);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(membership.Final);

        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(membership.Final);
        membership.Joined();
        Assert.NotNull(membership.Problem);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(membership.Problem);
    }

    static ConsumeException Refusal(ErrorCode code) => new(new ConsumeResult<byte[], byte[]>(), new Error(code, "It is refused."));

    static Task<bool> Use(Renewable<MemoryStream> renewable) => renewable.Use(_ => Task.FromResult(true));

    MemoryStream Make(Action<string> tell)
    {
        (_made, _tell) = (_made + 1, tell);
        return new MemoryStream();
    }
}
