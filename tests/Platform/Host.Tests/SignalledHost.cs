using System.Diagnostics;

namespace Maestro.Bus.Host.Tests;

/// <summary>The real host as a process, in Development, with its files in a folder: what signals only a process shows.</summary>
public sealed class SignalledHost : IAsyncDisposable
{
    // Several of them may start at once, on a machine that does other things as well.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly Lock _lock = new();
    readonly List<string> _lines = [];
    readonly List<string> _errors = [];
    readonly Process _process;
    readonly TemporaryFolder _folder;
    readonly int? _stopsAfter;
    int _isTold;

    SignalledHost(Process process, TemporaryFolder folder, Uri address, int? stopsAfter)
    {
        (_process, _folder, _stopsAfter) = (process, folder, stopsAfter);
        Client = new HttpClient { BaseAddress = address };
    }

    /// <summary>Calls the host; with its key once it has been awaited.</summary>
    public HttpClient Client { get; }

    /// <summary>The port that it listens on.</summary>
    public int Port => Client.BaseAddress!.Port;

    /// <summary>What it has written to its log so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>What it has written to its standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _errors);
        }
    }

    /// <summary>Starts a host.</summary>
    /// <param name="folder">Takes its files; another host in the same folder goes on with them.</param>
    /// <param name="settings">Its settings beside those of the folder, such as <c>Bus:Transport</c>.</param>
    /// <param name="stopsAfter">The line of its log after which it is told to stop; null to leave it alone.</param>
    public static SignalledHost Start(TemporaryFolder folder, IEnumerable<(string Name, string Value)> settings, int? stopsAfter = null)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var start = HostCommand.Of(folder, address, settings.Select(setting => $"{setting.Name}={setting.Value}"));

        var host = new SignalledHost(ChildProcesses.Start(start), folder, address, stopsAfter);
        host._process.OutputDataReceived += (_, line) => host.Keep(line.Data);
        host._process.ErrorDataReceived += (_, line) => host.KeepError(line.Data);
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Waits until it is ready, and takes its key.</summary>
    public async Task Ready(CancellationToken cancellationToken)
    {
        await ReadyOrEnded(cancellationToken);
        if (_process.HasExited)
            throw new ServerException($"The host has ended with {_process.ExitCode}: {Errors}\n{string.Join('\n', Lines)}");

        var key = (await File.ReadAllTextAsync(_folder.At("development.key"), cancellationToken)).Trim();
        Client.DefaultRequestHeaders.Remove("X-Api-Key");
        Client.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    /// <summary>Waits until it is ready or has ended.</summary>
    public Task ReadyOrEnded(CancellationToken cancellationToken) => Eventually.True(
        async () => _process.HasExited || await Answers("/health/ready", cancellationToken), Limit, "the host to be ready",
            cancellationToken);

    /// <summary>Waits until its log has a line.</summary>
    public Task Wrote(string text, CancellationToken cancellationToken) => Eventually.True(
        () => Task.FromResult(Lines.Any(line => line.Contains(text, StringComparison.Ordinal))), Limit, $"the line '{text}'",
            cancellationToken);

    /// <summary>Tells it to stop, once.</summary>
    public void Terminate()
    {
        if (Interlocked.Exchange(ref _isTold, 1) != 0)
            return;

        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until it has ended, and returns its exit code.</summary>
    public async Task<int> Ended(CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(Limit, cancellationToken);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The host has not ended within {Limit.TotalSeconds} s. {Errors}\n{string.Join('\n', Lines)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    async Task<bool> Answers(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Client.GetAsync(path, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    void Keep(string? line)
    {
        if (line is null)
            return;

        lock (_lock)
        {
            _lines.Add(line);
            if (_lines.Count != _stopsAfter)
                return;
        }

        Terminate();
    }

    void KeepError(string? line)
    {
        if (line is null)
            return;

        lock (_lock)
            _errors.Add(line);
    }
}
