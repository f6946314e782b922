using System.Globalization;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>Another process that takes payments and asks for them, for as long as the test lets it live.</summary>
sealed class PaymentsProcess : IAsyncDisposable
{
    readonly ServerProcess _process;

    PaymentsProcess(ServerProcess process) => _process = process;

    public IEnumerable<Guid> Receipts => Values("receipt ").Select(Guid.Parse);

    public int Handled => Values("count handled").Count();

    public int Replayed => Values("count replayed").Count();

    public static async Task<PaymentsProcess> Start(IEnumerable<KeyValuePair<string, string?>> settings, bool hangs = false)
    {
        Dictionary<string, string> environment = hangs ? new() { ["HANGS"] = "yes" } : [];
        var process = new PaymentsProcess(ServerProcess.StartChild(
            "The payments", typeof(PaymentsHost).Assembly, ["pay", .. settings.Select(setting => $"{setting.Key}={setting.Value}")],
            environment,
            takesCommands: true));
        await process.Says("ready");
        return process;
    }

    /// <summary>Has it ask for a payment so many times at once.</summary>
    public Task Pay(int times, string account, int amount, bool hangs = false) =>
        _process.Tell(string.Create(CultureInfo.InvariantCulture, $"{times} {account} {amount} {(hangs ? "hangs" : "ends")}"));

    public Task Says(string text) => _process.Says(text, TestContext.Current.CancellationToken);

    /// <summary>Kills it as kill -9 does.</summary>
    public Task Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    IEnumerable<string> Values(string beginning) =>
        _process.Lines.Where(line => line.StartsWith(beginning, StringComparison.Ordinal)).Select(line => line[beginning.Length..]);
}
