using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Maestro.Bus.Host.Tests;

/// <summary>
/// The real host as a process, in Development unless it is told otherwise, on its embedded transport, with its files in a folder of its
/// own. It can be killed and started again with what it had on disk.
/// </summary>
sealed class HostProcess : IAsyncDisposable
{
    // Several of them may start at once, on a machine that does other things as well.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder _folder = new();
    readonly StringBuilder _output = new();
    readonly string[] _settings;
    readonly string? _heap;
    Process _process;
    Task _drained = Task.CompletedTask;

    /// <summary>Starts it.</summary>
    /// <param name="settings">Further settings as <c>name=value</c>; with <c>environment=…</c> another environment.</param>
    /// <param name="heap">The largest heap that it may have, in bytes, as a hexadecimal number; null for any.</param>
    public HostProcess(string[]? settings = null, string? heap = null)
    {
        (_settings, _heap) = (settings ?? [], heap);
        Address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        Client = new HttpClient { BaseAddress = Address, Timeout = Limit };
        _process = Begin();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Calls it, with no key.</summary>
    public HttpClient Client { get; }

    /// <summary>The key of an administrator, in Development.</summary>
    public string Key => File.ReadAllText(_folder.At("development.key")).Trim();

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything that it has written, character by character.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Its resident set in megabytes.</summary>
    public long Resident => Megabytes("VmRSS");

    /// <summary>The largest resident set that it has had, in megabytes.</summary>
    public long MostResident => Megabytes("VmHWM");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Kills it as kill -9 does.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync(CancellationToken.None);
        await _drained;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task Ended()
    {
        await _process.WaitForExitAsync(Cancellation).WaitAsync(Limit, Cancellation);
        await _drained;
    }

    /// <summary>Starts it again, after it was killed.</summary>
    public void Restart()
    {
        _process.Dispose();
        _process = Begin();
    }

    /// <summary>Waits until it is ready.</summary>
    public async Task Ready()
    {
        await Answers("/health/ready");
        Assert.False(_process.HasExited, Output);
    }

    /// <summary>Waits until it answers a path well.</summary>
    public Task Answers(string path) => Eventually.True(
        async () =>
        {
            try
            {
                using var response = await Client.GetAsync(path, Cancellation);
                return _process.HasExited || response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
                return _process.HasExited;
            }
        },
        Limit, $"the host to answer {path}", Cancellation);

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
        Client.Dispose();
        _folder.Dispose();
    }

    Process Begin()
    {
        var start = HostCommand.Of(_folder, Address, _settings);
        if (_heap is not null)
            start.Environment["DOTNET_GCHeapHardLimit"] = _heap;

        var process = ChildProcesses.Start(start);
        _drained = Task.WhenAll(Drain(process.StandardOutput), Drain(process.StandardError));
        return process;
    }

    long Megabytes(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        return long.Parse(line[(name.Length + 1)..^"kB".Length].Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    async Task Drain(StreamReader reader)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var read)
        {
            lock (_output)
                _output.Append(buffer, 0, read);
        }
    }
}
