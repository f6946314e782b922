using System.Text.Json;

namespace Maestro.Bus.Admin.Tests;

public abstract partial class DeadLetterSuite<TPlace>
{
    static readonly int Letters = LongSuite.Size(4000, full: 100_000);

    [Fact]
    public async Task A_bulk_retry_whose_hosts_are_killed_in_the_middle_of_it_sends_each_once()
    {
        if (!place.IsShared)
            return;

        var count = Letters;
        var limit = TimeSpan.FromSeconds(120 + (count / 100));
        var settings = await place.Settings();
        await using (var first = await PoisonServer.Start(settings))
        {
            await first.Send(Enumerable.Range(0, count).Select(number => new Poison("odd", number)));
            await first.UntilWaiting(count, limit);
        }

        // It begins, and is stopped after a batch or two.
        settings[Remedies.Setting] = "odd";
        await using (var second = await PoisonServer.Start(settings))
        {
            var begun = await second.Json<OperationView>("dlq", "retry", "--queue", "poison", "--detach");
            (await second.Run("dlq", "stop", $"{begun.Id}")).Succeeded();
        }

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(settings), Cancellation);
        var interrupted = 0;
        for (var killed = 0; killed < 2; killed++)
            interrupted += await KillInTheMiddle(file, resume: killed == 0) ? 1 : 0;
        File.Delete(file);
        Assert.True(interrupted > 0, "The operation was over before a host could be killed in the middle of it.");

        await using var last = await PoisonServer.Start(settings);
        await last.Effects("odd", count, limit);
        await last.UntilWaiting(0);
        var operation = Assert.Single(await last.Json<List<OperationView>>("dlq", "operations"));

        Assert.Equal(("done", (long)count, (long)count), (operation.State, operation.Total, operation.Done));
        Assert.Equal(Enumerable.Range(0, count), (await last.Query("odd")).Select(effect => effect.Number).Order());
    }

    /// <summary>Runs a host as a process, and kills it once the operation has come further.</summary>
    /// <returns>Whether there was something left to do.</returns>
    static async Task<bool> KillInTheMiddle(string settings, bool resume)
    {
        await using var host = ServerProcess.StartChild("The host", typeof(PoisonHost).Assembly, [settings]);
        var address = new Uri(await Eventually.Some(
            () => Task.FromResult(host.Lines.FirstOrDefault(line => line.StartsWith("http:", StringComparison.Ordinal))),
            TimeSpan.FromSeconds(60), "the host's address", Cancellation));
        var before = Assert.Single(await Operations(address));
        if (resume)
            (await CommandRun.Of(address, "dlq", "resume", $"{before.Id}", "--detach")).Succeeded();

        var now = before;
        await Eventually.True(
            async () => (now = Assert.Single(await Operations(address))).Done > before.Done || now.State == "done",
            TimeSpan.FromSeconds(60), "the operation to get on", Cancellation);
        await host.Kill();
        return now.State == "running" && now.Done < now.Total;
    }

    static async Task<List<OperationView>> Operations(Uri address) =>
        JsonSerializer.Deserialize<List<OperationView>>(
            (await CommandRun.Of(address, "dlq", "operations", "--json")).Succeeded(), JsonSerializerOptions.Web)!;
}
