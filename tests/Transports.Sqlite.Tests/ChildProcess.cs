using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace MaestroBus.Transports.Sqlite.Tests;

/// <summary>Another process on the same file, for as long as the test lets it live.</summary>
public sealed class ChildProcess : IDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();

    ChildProcess(Process process) => _process = process;

    public IReadOnlyCollection<string> Lines => _lines;

    public int Id => _process.Id;

    /// <summary>Starts one, and waits until its bus has started.</summary>
    public static Task<ChildProcess> Start(string role, TestFile file, int first = 0) => Start(role, file, first.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts one with another last argument.</summary>
    public static async Task<ChildProcess> Start(string role, TestFile file, string last)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            ArgumentList = { typeof(Load).Assembly.Location, role, file.Path, file.Directory, last },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.OutputDataReceived += child.Add;
        child._process.ErrorDataReceived += child.Add;
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        await child.Says("ready");
        return child;
    }

    public Task Says(string line) => Eventually.True(
        () => _process.HasExited && !_lines.Contains(line)
            ? throw new InvalidOperationException($"The process has ended: {string.Join('\n', _lines)}")
            : Task.FromResult(_lines.Contains(line)),
        TimeSpan.FromSeconds(30), $"'{line}'", TestContext.Current.CancellationToken);

    /// <summary>Kills it as kill -9 does.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    void Add(object sender, DataReceivedEventArgs data)
    {
        if (data.Data is not null)
            _lines.Enqueue(data.Data);
    }
}
