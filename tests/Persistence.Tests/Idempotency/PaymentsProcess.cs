using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace MaestroBus.Persistence.Tests;

/// <summary>Another process that takes payments and asks for them, for as long as the test lets it live.</summary>
sealed class PaymentsProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();

    PaymentsProcess(Process process) => _process = process;

    public IEnumerable<Guid> Receipts => Values("receipt ").Select(Guid.Parse);

    public int Handled => Values("count handled").Count();

    public int Replayed => Values("count replayed").Count();

    public static async Task<PaymentsProcess> Start(IEnumerable<KeyValuePair<string, string?>> settings, bool hangs = false)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(PaymentsHost).Assembly.Location, "pay" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.ArgumentList.Add($"{name}={value}");
        if (hangs)
            start.Environment["HANGS"] = "yes";

        var process = new PaymentsProcess(new Process { StartInfo = start });
        process._process.OutputDataReceived += process.Add;
        process._process.ErrorDataReceived += process.Add;
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        await process.Says("ready");
        return process;
    }

    /// <summary>Has it ask for a payment so many times at once.</summary>
    public Task Pay(int times, string account, int amount, bool hangs = false) =>
        _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{times} {account} {amount} {(hangs ? "hangs" : "ends")}"));

    public Task Says(string text) => Eventually.True(
        () => _process.HasExited && !_lines.Contains(text)
            ? throw new InvalidOperationException($"The process has ended: {string.Join('\n', _lines)}")
            : Task.FromResult(_lines.Contains(text)),
        TimeSpan.FromSeconds(30), $"'{text}'", TestContext.Current.CancellationToken);

    /// <summary>Kills it as kill -9 does.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await Kill();
        _process.Dispose();
    }

    IEnumerable<string> Values(string beginning) => _lines.Where(line => line.StartsWith(beginning, StringComparison.Ordinal)).Select(line => line[beginning.Length..]);

    void Add(object sender, DataReceivedEventArgs data)
    {
        if (data.Data is not null)
            _lines.Enqueue(data.Data);
    }
}
