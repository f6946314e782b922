using System.Collections.Concurrent;
using System.Diagnostics;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Two members of a group, of which one is killed every few seconds and replaced, unless something else ends.</summary>
sealed class KilledConsumers(string[] arguments)
{
    /// <summary>How long what ends lives, and how long something else than a process is away.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("BUS_TEST_LIFE"), out var seconds) ? seconds : LongSuite.Size(2, full: 10));

    /// <summary>What the processes have written, line by line, each with the number of its process.</summary>
    public ConcurrentQueue<(int Process, string Line)> Lines { get; } = new();

    /// <summary>Is called before each kill.</summary>
    public Action? BeforeKill { get; set; }

    /// <summary>What ends in place of a process and comes back, given how many times it did before.</summary>
    public Func<int, Task>? Disturbance { get; init; }

    /// <summary>How many have ended.</summary>
    public int Killed { get; private set; }

    /// <summary>Runs and kills until so much is done, and at least once.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="enough">When it is enough.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="kills">How often something ends; after that all are left in peace.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task Run(Func<Task<int>> done, int enough, TimeSpan limit, int kills, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var (number, atLastKill) = (0, 0);
        var running = new Queue<ServerProcess>([Start(number++), Start(number++)]);
        using var timer = new PeriodicTimer(Life);

        try
        {
            while (await done() is var count && (count < enough || Killed == 0))
            {
                Assert.True(
                    clock.Elapsed < limit,
                    $"{count} of {enough} are done after {limit.TotalSeconds} s, of which {Killed} times something has ended. "
                    + string.Join("; ", Lines.TakeLast(3)));
                if (Killed % 10 == 0)
                    TestContext.Current.SendDiagnosticMessage($"{clock.Elapsed.TotalSeconds:0} s: {count} of {enough}, {Killed} ended");
                await timer.WaitForNextTickAsync(cancellationToken);
                if (Killed == kills)
                    continue;

                if (Disturbance is { } disturbance)
                    await disturbance(Killed);
                // One that has done nothing yet has nothing to repeat: the group may still be waiting for the one before to be given up.
                else if (count <= atLastKill)
                    continue;
                else
                {
                    atLastKill = count;
                    BeforeKill?.Invoke();
                    await running.Dequeue().DisposeAsync();
                    running.Enqueue(Start(number++));
                }

                Killed++;
            }
        }
        finally
        {
            foreach (var process in running)
                await process.DisposeAsync();
        }
    }

    ServerProcess Start(int number)
    {
        // With names, the one that replaces another has its name.
        Dictionary<string, string> environment =
            Environment.GetEnvironmentVariable("BUS_TEST_MEMBERS") is "static" ? new() { ["BUS_TEST_MEMBER"] = $"member-{number % 2}" }
                : [];
        return ServerProcess.StartChild(
            "A member", typeof(ChaosHost).Assembly, arguments, environment, said: line => Lines.Enqueue((number, line)));
    }
}
