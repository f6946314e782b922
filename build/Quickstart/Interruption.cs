using System.Diagnostics;

namespace MaestroBus.Quickstart;

/// <summary>Ends the host while webhooks are on their way, and starts it again.</summary>
sealed class Interruption(string program, Solution solution, Webhook sample)
{
    const int Webhooks = 100;

    /// <summary>
    /// Ends a host with a signal and gives the one that takes its place, once all webhooks have come to the end of their flows.
    /// </summary>
    public async Task<RunningHost> Of(RunningHost host, string signal, CancellationToken cancellationToken)
    {
        Screen.Step($"Post {Webhooks} more, and end the host with SIG{signal} when it has taken the last one");
        var before = await host.CompletedFlows(cancellationToken);
        var run = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var posts = Enumerable.Range(0, Webhooks).Select(i => host.Post(sample.Renewed($"{run}-{i}"), cancellationToken));
        await Task.WhenAll(posts);
        await host.Stop(signal);
        await host.DisposeAsync();

        var clock = Stopwatch.StartNew();
        var again = await RunningHost.Start(program, solution, cancellationToken);
        var found = await again.CompletedFlows(cancellationToken) - before;
        await again.AwaitCompletedFlows(before + Webhooks, cancellationToken);
        Screen.Line(
            $"It is back. Of the {Webhooks} flows {found} were found complete, and the others are now: {clock.Elapsed.TotalSeconds:0.0} s "
                + "from its start.");
        Screen.Line(
            "The sample flow calls this host itself. Calls that were made while it was down are tried again after their delays of up to "
                + "some seconds.");
        return again;
    }
}
