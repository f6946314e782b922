using System.Diagnostics;

namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    // How many times as fast the table runs on a broker whose clock nobody moves.
    const double Speed = 100;

    /// <summary>The table of the five domains: queue, attempts in all, seconds before the first retry.</summary>
    static readonly (string Queue, int Attempts, double First)[] Table =
    [
        ("ingress-events", 5, 2), ("orchestration-flows", 3, 5), ("integration-tasks", 7, 10), ("notifications", 5, 30),
        ("analytics-events", 3, 60),
    ];

    [Fact]
    public async Task What_always_fails_is_attempted_as_often_and_as_late_as_the_table_of_the_domains_says_and_holds_up_nobody()
    {
        var speed = broker.HasMovableClock ? 1 : Speed;
        var (watch, queues) = (Stopwatch.StartNew(), Table.ToDictionary(row => row.Queue, _ => new Queue()));
        var domain = new ComplianceDomain(NewQueue());
        Take<bool>(0);
        Take<byte>(1);
        Take<short>(2);
        Take<int>(3);
        Take<long>(4);

        var host = await Start(
            Table.SelectMany(row => new KeyValuePair<string, string?>[]
            {
                new($"Bus:Queues:{row.Queue}:Attempts", $"{row.Attempts}"),
                new($"Bus:Queues:{row.Queue}:FirstRetryDelay", $"{row.First / speed * 1000}ms"),
                new($"Bus:Queues:{row.Queue}:MaxRetryDelay", $"{300 / speed * 1000}ms"),
                new($"Bus:Queues:{row.Queue}:Concurrency", "1"),
            }),
            broker.CreateClock(),
            domain);
        using var delays = new RetryDelays(host);

        var letters = new Dictionary<string, Received<DeadLetter>>();
        foreach (var row in Table)
            letters[row.Queue] = await DeadLettersOf(host, row.Queue);

        if (broker.HasMovableClock)
        {
            foreach (var row in Table)
            {
                queues[row.Queue].IsFilled.SetResult();
                await Move(host, row, queues[row.Queue], delays);

                // The next row moves the clock by minutes, and what is in work then has lost its lock.
                await letters[row.Queue].AtLeast(1);
            }
        }
        else
            await Task.WhenAll(Table.Select(async row =>
            {
                await SendWork(host, row.Queue, 0, 1);
                queues[row.Queue].IsFilled.SetResult();
            }));

        foreach (var row in Table)
        {
            Assert.Single(await letters[row.Queue].AtLeast(1));
            var attempts = queues[row.Queue].Attempts.Items;
            Assert.Equal(row.Attempts, attempts.Count);

            var asked = delays.Of(row.Queue);
            Assert.Equal(row.Attempts - 1, asked.Count);
            for (var retry = 1; retry < row.Attempts; retry++)
            {
                var (least, most) = Bounds(row.First, retry, speed);
                Assert.InRange(asked[retry - 1], least, most);
                if (!broker.HasMovableClock)
                    Assert.True((attempts[retry] - attempts[retry - 1]).TotalSeconds >= least - 0.005, $"Retry {retry} came early.");
            }

            Assert.True(queues[row.Queue].Healthy.Items[0] < attempts[^1], $"On {row.Queue} the healthy message came last.");
        }

        void Take<TKey>(int row)
        {
            var (name, own) = (Table[row].Queue, queues[Table[row].Queue]);
            domain.On<Work, TKey>(name, async context =>
            {
                await (context.Message.Number == 0 ? own.Attempts : own.Healthy).Add(watch.Elapsed);
                if (context.Message.Number != 0)
                    return;

                // However long the healthy one takes to get there.
                await own.IsFilled.Task;
                throw new InvalidOperationException("It always fails.");
            });
        }
    }

    [Fact]
    public async Task A_message_that_comes_back_is_handled_although_its_first_delivery_has_not_quite_ended()
    {
        var (queue, attempts) = (NewQueue(), new Received<int>());
        var policy = new QueuePolicy { Concurrency = 4, Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(10) };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await attempts.Add(attempts.Items.Count);
            if (attempts.Items.Count == 1)
                throw new InvalidOperationException("Not yet.");
        }));
        using var lingering = BusOf(host).ConnectReceiveObserver(new Lingering(() => attempts.AtLeast(2)));

        await SendWork(host, queue, 1);

        Assert.Equal([0, 1], await attempts.AtLeast(2));
    }

    // Moves the clock to just before each delay's shortest time, when nothing may come, and then to its longest, when something must.
    async Task Move(IHost host, (string Queue, int Attempts, double First) row, Queue queue, RetryDelays delays)
    {
        var margin = TimeSpan.FromSeconds(1);
        await SendWork(host, row.Queue, 0);

        for (var retry = 1; retry < row.Attempts; retry++)
        {
            await Eventually.True(
                () => Task.FromResult(delays.Of(row.Queue).Count == retry), Limits.Arrival, $"the end of attempt {retry}", Cancel);
            // The next is handled when the attempt's message is back in the queue: one that is still in work could lose its lock.
            await SendWork(host, row.Queue, retry);
            await queue.Healthy.AtLeast((retry * 3) - 2);
            var (least, most) = Bounds(row.First, retry, 1);

            await broker.Advance(host, TimeSpan.FromSeconds(least) - margin);
            await SendWork(host, row.Queue, retry);
            await queue.Healthy.AtLeast((retry * 3) - 1);
            Assert.Equal(retry, queue.Attempts.Items.Count);

            await broker.Advance(host, TimeSpan.FromSeconds(most - least) + margin);
            await SendWork(host, row.Queue, retry);
            await queue.Healthy.AtLeast(retry * 3);
            await queue.Attempts.AtLeast(retry + 1);
        }
    }

    static (double Least, double Most) Bounds(double first, int retry, double speed)
    {
        var middle = Math.Min(first * Math.Pow(2, retry - 1), 300);
        return (middle * 0.75 / speed, Math.Min(middle * 1.25, 300) / speed);
    }

    /// <summary>Keeps a delivery from ending after its message was handled or given back.</summary>
    sealed class Lingering(Func<Task> end) : ReceivingObserver
    {
        public override Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => end();
    }

    sealed record Queue
    {
        public Received<TimeSpan> Attempts { get; } = new();

        public Received<TimeSpan> Healthy { get; } = new();

        public TaskCompletionSource IsFilled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
