namespace Maestro.Bus.Messaging.Tests;

public sealed class QueueControlTests
{
    readonly QueueControl _control = new("probe", new QueuePolicy(), TimeProvider.System);

    [Fact]
    public async Task A_wrong_policy_is_refused_with_all_that_is_wrong_and_changes_nothing()
    {
        var before = _control.Policy;

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => _control.Change(policy => policy with
        {
            Attempts = 0,
            Retry = new RetryRules { Never = ["Nonsense"] },
            RateLimit = new RateLimitPolicy { Permits = 0 },
            CircuitBreaker = new CircuitBreakerPolicy { Failures = 0 },
            ProcessingTimeout = TimeSpan.Zero,
        }));

        Assert.Contains("The policy of 'probe' cannot be changed so.", exception.Message);
        Assert.Contains("Attempts: Use a whole number from 1 to 100; 1 means no retry.", exception.Message);
        Assert.Contains("probe is 'Nonsense'. No exception has this name.", exception.Message);
        Assert.Contains("Permits: Use a whole number from 1 to 10000000.", exception.Message);
        Assert.Contains("Failures: Use a whole number from 1 to 10000.", exception.Message);
        Assert.Same(before, _control.Policy);
    }

    [Fact]
    public async Task Changed_rules_hold_for_the_next_failure()
    {
        Assert.True(_control.Failures.IsRetried(new FileNotFoundException(), null));

        await _control.Change(policy =>
            policy with
            {
                Retry = new RetryRules { Never = ["IOException"] },
                FirstRetryDelay = TimeSpan.FromSeconds(60),
                RetryJitter = 0,
            });

        Assert.False(_control.Failures.IsRetried(new FileNotFoundException(), null));
        Assert.Equal(60, _control.Schedule.DelayBefore(1).TotalSeconds);
    }

    [Fact]
    public async Task Whoever_waits_for_a_turn_when_the_endpoint_stops_is_to_be_given_back()
    {
        await _control.Change(policy => policy with { RateLimit = new RateLimitPolicy { Permits = 1, Period = TimeSpan.FromHours(1) } });
        Assert.Equal(Turn.Go, await _control.Enter(TestContext.Current.CancellationToken));
        var waiting = _control.Enter(TestContext.Current.CancellationToken).AsTask();

        _control.Stopping();

        Assert.Equal(Turn.GiveBack, await waiting.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }
}
