namespace Maestro.Bus.Suspects.Tests;

/// <summary>A host with a queue of work, as a process of its own.</summary>
public sealed class WorkProcess : IAsyncDisposable
{
    readonly ServerProcess _process;

    WorkProcess(ServerProcess process) => _process = process;

    public IReadOnlyCollection<string> Lines => _process.Lines;

    public bool HasEnded => _process.HasExited;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one.</summary>
    /// <param name="folder">Where the notes are.</param>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    /// <param name="heap">The largest heap that it may have, in bytes, as a hexadecimal number; null for any.</param>
    public static WorkProcess Start(string folder, IEnumerable<string> settings, string? heap = null)
    {
        // Hundreds of processes that end in this way would fill the disk.
        Dictionary<string, string> environment = new() { ["DOTNET_DbgEnableMiniDump"] = "0" };
        if (heap is not null)
            environment["DOTNET_GCHeapHardLimit"] = heap;

        return new WorkProcess(
            ServerProcess.StartChild("The host", typeof(WorkHost).Assembly, [folder, .. settings], environment, takesCommands: true));
    }

    /// <summary>Waits until it has started.</summary>
    public Task Ready() => _process.Says("ready", Cancellation);

    /// <summary>Has it do something, and waits until that is done.</summary>
    public async Task Tell(string command)
    {
        var times = _process.Said($"done {command}");
        await _process.Tell(command);
        await _process.Says($"done {command}", Cancellation, times + 1);
    }

    /// <summary>Kills it as kill -9 does.</summary>
    public Task Kill() => _process.Kill();

    /// <summary>Stops it as an orchestrator does.</summary>
    public Task Stop() => _process.Stop(Cancellation);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
