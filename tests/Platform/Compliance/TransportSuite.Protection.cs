using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    // Long enough that no message comes a second time before the circuit breaker is open: it would have had its two attempts.
    static readonly TimeSpan BreakerDelay = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task While_a_dependency_is_down_one_message_at_a_time_tries_it_and_no_attempt_is_lost()
    {
        const int count = 100;
        var (queue, received, dependency) = (NewQueue(), new Received<int>(), new Dependency());
        var policy = new QueuePolicy
        {
            Concurrency = 8,
            Attempts = 2,
            FirstRetryDelay = BreakerDelay,
            CircuitBreaker = new CircuitBreakerPolicy { ProbeInterval = TimeSpan.FromMilliseconds(100) },
        };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await dependency.Call();
            await received.Add(context.Message.Number);
        }));
        var control = host.Services.GetRequiredService<QueueControls>().Find(queue)!;
        var letters = await DeadLettersOf(host, queue);

        await SendWork(host, queue, Enumerable.Range(0, 5));
        await received.AtLeast(5);
        Assert.Null(control.Pause);

        dependency.GoDown();
        await SendWork(host, queue, Enumerable.Range(5, count));
        await Eventually.True(() => Task.FromResult(control.Pause is not null), Limits.Arrival, "an open circuit breaker", Cancel);
        var opened = TimeProvider.System.GetTimestamp();
        dependency.Measure();
        await Eventually.True(
            () => Task.FromResult(dependency is { Refused: >= 8, Running: 0 }), Limits.Arrival, "the end of the calls that came before",
            Cancel);
        dependency.Measure();
        await Eventually.True(
            () => Task.FromResult(dependency.Refused >= 10 && TimeProvider.System.GetElapsedTime(opened) > 1.5 * BreakerDelay),
            Limits.Arrival,
            "10 probes, and the return of what has failed first", Cancel);

        Assert.Equal(1, dependency.Most);
        Assert.Equal(5, received.Items.Count);
        Assert.Equal(QueuePauseCause.CircuitBreaker, control.Pause!.Cause);
        Assert.StartsWith("System.Net.Http.HttpRequestException: It is down.", control.Pause.Reason, StringComparison.Ordinal);
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);
        Assert.Equal(HealthStatus.Degraded, health.Entries["queues"].Status);
        Assert.All(health.Entries.Where(entry => entry.Key != "queues"), entry => Assert.Equal(HealthStatus.Healthy, entry.Value.Status));

        dependency.ComeBack();

        Assert.Equal(Enumerable.Range(0, 5 + count), (await received.AtLeast(5 + count)).Order());
        Assert.Null(control.Pause);
        Assert.Empty(letters.Items);
    }

    [Fact]
    public async Task One_message_that_fails_again_and_again_opens_no_circuit_breaker()
    {
        var queue = NewQueue();
        var policy = OneAtATime with { Attempts = 7, FirstRetryDelay = TimeSpan.FromMilliseconds(10), RetryStrategy = RetryStrategy.Fixed };
        var attempts = new Received<int>();
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await attempts.Add(0);
            throw new HttpRequestException("The server does not like this one.");
        }));

        await SendWork(host, queue, 1);

        Assert.Equal("7", $"{Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1)).Headers[FailureHeaders.Attempts]}");
        Assert.Equal(7, attempts.Items.Count);
    }

    [Fact]
    public async Task Messages_that_time_out_by_themselves_do_not_stop_the_healthy_ones()
    {
        const int poison = 30;
        var (queue, received) = (NewQueue(), new Received<int>());
        var policy = OneAtATime with { Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(10), RetryStrategy = RetryStrategy.Fixed };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            if (context.Message.Number < poison)
                throw new TimeoutException("This one takes too long.");

            await received.Add(context.Message.Number);
        }));
        var letters = await DeadLettersOf(host, queue);

        await SendWork(host, queue, Enumerable.Range(0, poison + 1));

        Assert.Equal([poison], await received.AtLeast(1));
        Assert.All(await letters.AtLeast(poison), letter => Assert.Equal("2", $"{letter.Headers[FailureHeaders.Attempts]}"));
        Assert.Null(host.Services.GetRequiredService<QueueControls>().Find(queue)!.Pause);
    }

    [Fact]
    public async Task Messages_that_open_the_circuit_breaker_again_and_again_while_others_get_through_end_in_the_dead_letters()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var policy = OneAtATime with
        {
            Attempts = 2,
            FirstRetryDelay = TimeSpan.FromMilliseconds(10),
            RetryStrategy = RetryStrategy.Fixed,
            CircuitBreaker = new CircuitBreakerPolicy { ProbeInterval = TimeSpan.FromMilliseconds(10) },
        };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            if (context.Message.Number < 5)
                throw new HttpRequestException("The server fails at this one.", null, System.Net.HttpStatusCode.InternalServerError);

            await received.Add(context.Message.Number);
        }));
        var letters = await DeadLettersOf(host, queue);
        await SendWork(host, queue, Enumerable.Range(0, 5));

        // One healthy message after the other, each a probe that closes it.
        for (var number = 5; letters.Items.Count < 5; number++)
        {
            Assert.InRange(number, 0, 5_000);
            await SendWork(host, queue, number);
            await received.AtLeast(number - 4);
        }

        Assert.Equal(Enumerable.Range(5, received.Items.Count), received.Items);
    }

    [Fact]
    public async Task A_bus_that_stops_with_an_open_circuit_breaker_gives_back_what_it_holds()
    {
        const int count = 20;
        var (queue, dependency, received) = (NewQueue(), new Dependency(), new Received<int>());
        var policy = new QueuePolicy
        {
            Concurrency = 4,
            Attempts = 2,
            FirstRetryDelay = BreakerDelay,
            CircuitBreaker = new CircuitBreakerPolicy { ProbeInterval = TimeSpan.FromHours(1) },
        };
        var domain = new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await dependency.Call();
            await received.Add(FailureHeaders.FailuresOf(context.Headers).Attempts);
        });
        var host = await Start(domain);
        var isDurable = Has(TransportCapabilities.Durable);
        var control = host.Services.GetRequiredService<QueueControls>().Find(queue)!;

        dependency.GoDown();
        await SendWork(host, queue, Enumerable.Range(0, count));
        await Eventually.True(() => Task.FromResult(control.Pause is not null), Limits.Arrival, "an open circuit breaker", Cancel);
        await Eventually.True(() => Task.FromResult(dependency.Running == 0), Limits.Arrival, "the end of the calls", Cancel);
        await Stop(host);

        // Five calls open it, and as many as there are slots may be on their way beside the fifth.
        var refused = dependency.Refused;
        Assert.InRange(refused, 5, 8);
        if (!isDurable)
            return;

        dependency.ComeBack();
        host =
            await Start(new ComplianceDomain(queue, policy with { CircuitBreaker = new CircuitBreakerPolicy() }).On<Work>(async context =>
            {
                await dependency.Call();
                await received.Add(FailureHeaders.FailuresOf(context.Headers).Attempts);
            }));

        // What had met the open breaker is delayed by half an hour and more: the others are there, and nothing was counted but the failures
        // that opened it.
        var others = await received.AtLeast(count - (refused - 4));
        Assert.InRange(others.Sum(), 0, 4);
    }

    [Fact]
    public async Task A_queue_whose_work_fails_too_often_is_paused_for_a_time()
    {
        var (queue, fails, handled) = (NewQueue(), true, new Received<int>());
        var policy = OneAtATime with
        {
            KillSwitch = new KillSwitchPolicy
            {
                Enabled = true,
                ActivationThreshold = 10,
                TripThreshold = 50,
                // Long enough to look at the first pause on a busy machine.
                RestartTimeout = TimeSpan.FromSeconds(8),
            },
        };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await handled.Add(context.Message.Number);
            if (Volatile.Read(ref fails))
                throw new InvalidOperationException("It fails.");
        }));
        var control = host.Services.GetRequiredService<QueueControls>().Find(queue)!;

        await SendWork(host, queue, Enumerable.Range(0, 20));
        await Eventually.True(() => Task.FromResult(control.Pause is not null), Limits.Arrival, "a tripped kill switch", Cancel);
        Assert.Equal((QueuePauseCause.KillSwitch, 10), (control.Pause!.Cause, handled.Items.Count));
        Assert.StartsWith("10 of 10 messages failed, the last one with System.InvalidOperationException: It fails.", control.Pause.Reason,
            StringComparison.Ordinal);

        // The first message after the pause fails, too, and pauses the queue again.
        await control.Change(
            current => current with { KillSwitch = current.KillSwitch with { RestartTimeout = TimeSpan.FromMinutes(15) } });
        await handled.AtLeast(11);
        await Eventually.True(() => Task.FromResult(control.Pause is not null), Limits.Arrival, "a kill switch that trips again", Cancel);
        Assert.Equal(11, handled.Items.Count);

        Volatile.Write(ref fails, false);
        await control.Change(current => current with { KillSwitch = current.KillSwitch with { Enabled = false } });
        Assert.Equal(Enumerable.Range(0, 20), await handled.AtLeast(20));
        Assert.Null(control.Pause);
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    public async Task No_more_messages_are_begun_than_the_rate_limit_says_until_it_is_changed(RateLimitAlgorithm algorithm)
    {
        // At ten a second they would take longer than anybody waits.
        const int count = 1_000;
        var (queue, watch, received) = (NewQueue(), Stopwatch.StartNew(), new Received<TimeSpan>());
        var policy = new QueuePolicy
        {
            Attempts = 1,
            Concurrency = 4,
            RateLimit = new RateLimitPolicy { Permits = 10, Period = TimeSpan.FromSeconds(1), Algorithm = algorithm },
        };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(context => received.Add(watch.Elapsed)));

        await SendWork(host, queue, Enumerable.Range(0, count));
        var begun = await received.AtLeast(30);
        // The first ten come at once; twenty more take two periods. Four may be let in and noted late, when more may come at once again.
        Assert.True((begun[29] - begun[0]).TotalMilliseconds >= 1_400, $"Thirty messages were begun within {begun[29] - begun[0]}.");

        await host.Services.GetRequiredService<QueueControls>().Find(queue)!
            .Change(current => current with { RateLimit = new RateLimitPolicy() });
        Assert.Equal(count, (await received.AtLeast(count)).Count);
    }

    [Fact]
    public async Task Concurrency_can_be_lowered_and_raised_again_at_run_time()
    {
        var (queue, received, dependency) = (NewQueue(), new Received<int>(), new Dependency());
        var (first, second, third) = (new Gate(), new Gate(), new Gate());
        var host = await Start(
            new ComplianceDomain(queue, new QueuePolicy { Attempts = 1, Concurrency = 4, Prefetch = 50 }).On<Work>(async context =>
            {
                await (context.Message.Number switch { < 4 => first, < 10 => second, _ => third }).Pass();
                await dependency.Call();
                await received.Add(context.Message.Number);
            }));
        var control = host.Services.GetRequiredService<QueueControls>().Find(queue)!;

        await SendWork(host, queue, Enumerable.Range(0, 4));
        await first.Holds(4);
        await control.Change(policy => policy with { Concurrency = 1 });
        await SendWork(host, queue, Enumerable.Range(4, 6));
        first.Open();
        await received.AtLeast(4);
        await second.Holds(1);
        dependency.Measure();
        Assert.Equal(1, second.Waiting);
        second.Open();
        await received.AtLeast(10);
        Assert.Equal(1, dependency.Most);

        await control.Change(policy => policy with { Concurrency = 4 });
        await SendWork(host, queue, Enumerable.Range(10, 4));
        await third.Holds(4);
        third.Open();
        Assert.Equal(Enumerable.Range(0, 14), (await received.AtLeast(14)).Order());
    }

    [Fact]
    public async Task A_message_that_takes_too_long_is_cancelled_and_its_attempt_has_failed()
    {
        var (queue, cancelled) = (NewQueue(), new Received<int>());
        var policy = OneAtATime with
        {
            Attempts = 2,
            FirstRetryDelay = TimeSpan.FromMilliseconds(10),
            ProcessingTimeout = TimeSpan.FromMilliseconds(100),
        };
        var faults = new Received<Fault<Work>>();
        var host = await Start(new ComplianceDomain(queue, policy)
            .On<Work>(async context =>
            {
                try
                {
                    await new TaskCompletionSource().Task.WaitAsync(context.CancellationToken);
                }
                finally
                {
                    await cancelled.Add(context.Message.Number);
                }
            })
            .On<Fault<Work>, int>(NewQueue(), context => faults.Add(context.Message)));

        await SendWork(host, queue, 1);

        var letter = Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1));
        Assert.Equal([1, 1], cancelled.Items);
        Assert.Equal(("2", typeof(ProcessingTimeoutException).FullName),
            ($"{letter.Headers[FailureHeaders.Attempts]}", Assert.Single((await faults.AtLeast(1))[0].Exceptions).ExceptionType));
        Assert.StartsWith(
            typeof(ProcessingTimeoutException).FullName!, $"{letter.Headers[FailureHeaders.LastError]}", StringComparison.Ordinal);
    }
}
