using System.Diagnostics;
using Maestro.Bus.Jobs;

namespace Maestro.Bus.Benchmarks;

/// <summary>Empty jobs, submitted and run, beside a queue that is written by hand and beside MassTransit's own job service.</summary>
static class JobsBenchmark
{
    const int Jobs = 20_000;
    const int Rounds = 3;
    const int OwnJobs = 200;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    static readonly string[] Columns = ["submitted/s", "run/s", "to raw client"];

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var postgres = new PostgresServer();
        await postgres.Start(cancellationToken);
        using var folder = new TemporaryFolder();
        List<Row> rows = [];

        var (submitted, raw) = await RawJobQueue.Measure(await postgres.CreateDatabase(cancellationToken), Jobs, 1, cancellationToken);
        rows.Add(new("Npgsql, SKIP LOCKED, one at a time", [submitted, raw, 1]));
        var (many, batched) = await RawJobQueue.Measure(await postgres.CreateDatabase(cancellationToken), Jobs, 50, cancellationToken);
        rows.Add(new("Npgsql, SKIP LOCKED, 50 at a time", [many, batched, batched / raw]));

        foreach (var events in new[] { false, true })
        {
            Dictionary<string, string?> database = new()
            {
                ["Bus:Database:Provider"] = "postgresql",
                ["Bus:Database:ConnectionString"] = await postgres.CreateDatabase(cancellationToken),
            };
            rows.Add(await Measure($"postgresql{(events ? ", with events" : "")}", database, events, raw, cancellationToken));
        }

        foreach (var events in new[] { false, true })
            rows.Add(await Measure(
                $"sqlite{(events ? ", with events" : "")}", new() { ["Bus:Database:Path"] = folder.At($"{events}.db") }, events, raw,
                cancellationToken));

        rows.Add(new("MassTransit's job service, in memory", [null, await OwnJobService.Measure(OwnJobs, cancellationToken), null]));
        return new Report(
            $"{Jobs:#,0} empty jobs ({OwnJobs} of MassTransit's own), 10 at a time; median of {Rounds} rounds, the first of which is "
                + "not counted", Columns, rows);
    }

    static async Task<Row> Measure(
        string name, Dictionary<string, string?> settings, bool events, double raw, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection(
            [new("Bus:Transport", "memory"), new("Bus:Database:Migrate", "true"), new("Bus:JobService:Events", $"{events}")]);
        builder.Services.AddBus(builder.Configuration, [new JobsDomain()], [], new JobsModule());

        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var arrivals = host.Services.GetRequiredService<Arrivals>();
        List<(double Submitted, double Run)> measured = [];

        for (var round = 0; round <= Rounds; round++)
        {
            await using var scope = host.Services.CreateAsyncScope();
            var all = arrivals.Expect(Jobs);
            var clock = Stopwatch.StartNew();
            await scope.ServiceProvider.GetRequiredService<IJobs>()
                .SubmitMany(Enumerable.Range(0, Jobs).Select(number => new EmptyJob(number)), cancellationToken: cancellationToken);
            var submitted = Jobs / clock.Elapsed.TotalSeconds;
            await all.WaitAsync(Limit, cancellationToken);
            measured.Add((submitted, Jobs / clock.Elapsed.TotalSeconds));
        }

        await host.StopAsync(cancellationToken);
        var counted = measured.Skip(1).ToList();
        var run = counted.Select(round => round.Run).Order().ElementAt(Rounds / 2);
        return new Row(name, [counted.Select(round => round.Submitted).Order().ElementAt(Rounds / 2), run, run / raw]);
    }

    sealed class JobsDomain : BusDomain
    {
        public override void AddServices(BusBuilder bus) => bus.Services.AddSingleton<Arrivals>();
    }
}
