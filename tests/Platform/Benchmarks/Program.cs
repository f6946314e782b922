using System.Text.Json;
using Maestro.Bus.Benchmarks;

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
};
Dictionary<string, Func<string?, CancellationToken, Task<Report>>> choosing = new(StringComparer.OrdinalIgnoreCase)
{
    ["kafka"] = KafkaBenchmark.Run,
    ["soak"] = SoakBenchmark.Run,
    ["limits"] = LimitsBenchmark.Run,
};

string? choice = null;
if (args is [var chooses, [not '-', ..] chosen, ..] && choosing.ContainsKey(chooses))
    (choice, args) = (chosen, [chooses, .. args[2..]]);
foreach (var (chooser, run) in choosing)
    benchmarks[chooser] = token => run(choice, token);

if (args is not [var name, .. var rest] || !benchmarks.TryGetValue(name, out var benchmark) || rest is not ([] or ["--json", _]))
{
    await Console.Error.WriteLineAsync(
        $"Usage: build/bench NAME [CHOICE] [--json FILE]. There are these benchmarks: {string.Join(", ", benchmarks.Keys)}. "
        + $"A choice is for {string.Join(", ", choosing.Keys)}.");
    return 2;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

Report report;
try
{
    report = await benchmark(cancellation.Token);
}
catch (ArgumentException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 2;
}

report.Print(Console.Out);

if (rest is [_, var file])
    await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, JsonSerializerOptions.Web), cancellation.Token);

return 0;
