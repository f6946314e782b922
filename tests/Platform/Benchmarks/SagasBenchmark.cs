using System.Diagnostics;
using Npgsql;

namespace Maestro.Bus.Benchmarks;

/// <summary>Events of 5,000 saga instances in a database, beside the same reads and writes by the raw client.</summary>
static class SagasBenchmark
{
    const int Instances = 5_000;
    const int Events = 15_000;
    const int Workers = 20;
    const int WarmUps = 2;
    const int Rounds = 5;

    static readonly string[] Columns = ["events/s", "to raw client"];

    static readonly (string Name, Action<IEntityFrameworkSagaRepositoryConfigurator> Configure)[] Modes =
    [
        ("pessimistic", sagas => sagas.ConcurrencyMode = ConcurrencyMode.Pessimistic),
        ("optimistic", sagas => sagas.ConcurrencyMode = ConcurrencyMode.Optimistic),
        ("optimistic, no transaction", sagas => sagas.SetOptimisticConcurrency(useTransaction: false)),
    ];

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var postgres = new PostgresServer();
        await postgres.Start(cancellationToken);
        using var folder = new TemporaryFolder();

        var raw = await Raw(await postgres.CreateDatabase(cancellationToken), cancellationToken);
        var rows = new List<Row> { new("Npgsql, select and update", [raw, 1]) };

        foreach (var isOnce in (bool[])[false, true])
        {
            var suffix = isOnce ? ", with inbox and outbox" : "";

            foreach (var (name, configure) in Modes)
                await Add($"postgresql, {name}{suffix}", configure, isOnce, new()
                {
                    ["Bus:Database:Provider"] = "postgresql",
                    ["Bus:Database:ConnectionString"] = await postgres.CreateDatabase(cancellationToken),
                });

            await Add($"sqlite{suffix}", Modes[0].Configure, isOnce, new() { ["Bus:Database:Path"] = folder.At($"{isOnce}.db") });
        }

        return new Report(
            $"{Events:#,0} events of {Instances:#,0} saga instances, {Workers} at a time, in-memory transport; median of "
                + $"{Rounds - WarmUps} rounds", Columns, rows);

        async Task Add(
            string name, Action<IEntityFrameworkSagaRepositoryConfigurator> configure, bool isOnce, Dictionary<string, string?> settings)
        {
            var measured = await Measure(new TallyDomain(configure, isOnce), settings, cancellationToken);
            rows.Add(new(name, [measured, measured / raw]));
            await Console.Error.WriteLineAsync($"{name}: {measured:0} events/s");
        }
    }

    static async Task<double> Measure(TallyDomain domain, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings)
            .AddInMemoryCollection([new("Bus:Transport", "memory"), new("Bus:Database:Migrate", "true")]);
        builder.Services.AddBus(builder.Configuration, [domain], []);

        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var ids = await Prepare(host.Services, cancellationToken);
        var bus = host.Services.GetRequiredService<IBus>();
        var arrivals = host.Services.GetRequiredService<Arrivals>();
        bus.ConnectReceiveObserver(new ArrivalObserver(arrivals));

        var measured = await Median(async () =>
        {
            var all = arrivals.Expect(Events);
            for (var i = 0; i < Events; i++)
                await bus.Publish(new Tally(ids[Random.Shared.Next(ids.Length)]), cancellationToken);
            await all.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        });

        await using (var scope = host.Services.CreateAsyncScope())
        {
            var applied = await scope.ServiceProvider.GetRequiredService<TallyDbContext>().Tallies
                .SumAsync(saga => saga.Number, cancellationToken);
            if (applied != Events * Rounds)
                throw new InvalidOperationException($"{applied} of {Events * Rounds} events are in the database.");
        }

        await host.StopAsync(cancellationToken);
        return measured;
    }

    static async Task<Guid[]> Prepare(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TallyDbContext>();
        database.AddRange(NewId.NextGuid(Instances)
            .Select(id => new TallySaga { CorrelationId = id, CurrentState = "Counting", Text = BenchMessage.Filler }));
        await database.SaveChangesAsync(cancellationToken);
        return await database.Tallies.Select(saga => saga.CorrelationId).ToArrayAsync(cancellationToken);
    }

    static async Task<double> Raw(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Max Auto Prepare=10");
        var ids = NewId.NextGuid(Instances);
        await using (var create = source.CreateCommand(
            "CREATE TABLE tally (id uuid PRIMARY KEY, state text NOT NULL, text text NOT NULL, number integer NOT NULL); INSERT INTO tally "
                + "SELECT unnest(@ids), 'Counting', @text, 0"))
        {
            create.Parameters.AddWithValue("ids", ids);
            create.Parameters.AddWithValue("text", BenchMessage.Filler);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        return await Median(async () =>
        {
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(
                async () =>
                {
                    while (Interlocked.Increment(ref next) < Events)
                        await One(ids[Random.Shared.Next(ids.Length)]);
                },
                cancellationToken)));
        });

        async Task One(Guid id)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var select = new NpgsqlCommand("SELECT id, state, text, number FROM tally WHERE id = @id FOR UPDATE", connection)
            {
                Parameters = { new("id", id) },
            };
            int number;
            await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
            {
                await reader.ReadAsync(cancellationToken);
                number = reader.GetInt32(3);
            }

            await using var update = new NpgsqlCommand("UPDATE tally SET number = @number WHERE id = @id", connection)
            {
                Parameters = { new("number", number + 1), new("id", id) },
            };
            await update.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    // The first rounds warm up: until then the runtime is still compiling what runs often.
    static async Task<double> Median(Func<Task> round)
    {
        var measured = new List<double>();

        for (var i = 0; i < Rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            await round();
            measured.Add(Events / clock.Elapsed.TotalSeconds);
        }

        return measured.Skip(WarmUps).Order().ElementAt((Rounds - WarmUps) / 2);
    }

    sealed class ArrivalObserver(Arrivals arrivals) : ReceivingObserver
    {
        public override Task PostReceive(ReceiveContext context)
        {
            arrivals.Arrived();
            return Task.CompletedTask;
        }
    }
}
