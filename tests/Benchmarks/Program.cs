using System.Text.Json;
using MaestroBus.Benchmarks;

Dictionary<string, Func<CancellationToken, Task<Report>>> benchmarks = new(StringComparer.OrdinalIgnoreCase)
{
    ["transports"] = TransportsBenchmark.Run,
    ["sqlite-slow-consumers"] = SqliteBenchmark.SlowConsumers,
    ["sqlite-backlog"] = SqliteBenchmark.Backlog,
    ["sqlite-million"] = SqliteBenchmark.AMillion,
    ["sagas"] = SagasBenchmark.Run,
    ["outbox"] = OutboxBenchmark.Run,
    ["outbox-million"] = OutboxBenchmark.AMillion,
    ["inbox"] = InboxBenchmark.Run,
    ["delays"] = DelaysBenchmark.Run,
    ["jobs"] = JobsBenchmark.Run,
    ["dead-letters"] = DeadLetterBenchmark.Run,
    ["kafka"] = KafkaBenchmark.Run,
};

if (args is not [var name, .. var rest] || !benchmarks.TryGetValue(name, out var benchmark) || rest is not ([] or ["--json", _]))
{
    await Console.Error.WriteLineAsync($"Usage: build/bench NAME [--json FILE]. There are these benchmarks: {string.Join(", ", benchmarks.Keys)}.");
    return 2;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

var report = await benchmark(cancellation.Token);
report.Print(Console.Out);

if (rest is [_, var file])
    await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, JsonSerializerOptions.Web), cancellation.Token);

return 0;
