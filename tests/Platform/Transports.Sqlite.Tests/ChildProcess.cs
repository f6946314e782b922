using System.Globalization;

namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>Another process on the same file, for as long as the test lets it live.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    readonly ServerProcess _process;

    ChildProcess(ServerProcess process) => _process = process;

    public IReadOnlyCollection<string> Lines => _process.Lines;

    public int Id => _process.Id;

    /// <summary>Starts one, and waits until its bus has started.</summary>
    public static Task<ChildProcess> Start(string role, TestFile file, int first = 0) =>
        Start(role, file, first.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts one with another last argument.</summary>
    public static async Task<ChildProcess> Start(string role, TestFile file, string last)
    {
        var child = new ChildProcess(
            ServerProcess.StartChild("The other process", typeof(Load).Assembly, [role, file.Path, file.Directory, last]));
        await child.Says("ready");
        return child;
    }

    public Task Says(string line) => _process.Says(line, TestContext.Current.CancellationToken);

    /// <summary>Kills it as kill -9 does.</summary>
    public Task Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
