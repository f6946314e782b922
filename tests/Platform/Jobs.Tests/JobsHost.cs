namespace Maestro.Bus.Jobs.Tests;

/// <summary>A host of the probe jobs, in memory but for its database.</summary>
sealed class JobsHost : IAsyncDisposable
{
    readonly IHost _host;

    JobsHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    /// <summary>What it has logged.</summary>
    public LogLines Log => Services.GetRequiredService<LogLines>();

    public Probe Probe => Services.GetRequiredService<Probe>();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<JobsHost> Start(
        IEnumerable<KeyValuePair<string, string?>> database, params (string Name, string? Value)[] settings) =>
        Start(database, new Probe(), settings);

    /// <summary>Starts one whose jobs report to the same probe as those of others.</summary>
    public static Task<JobsHost> Start(
        IEnumerable<KeyValuePair<string, string?>> database, Probe probe, params (string Name, string? Value)[] settings) =>
        Start(new ProbeDomain(), [], database, probe, settings);

    /// <summary>Starts one of a domain on one of some transports.</summary>
    public static async Task<JobsHost> Start(
        BusDomain domain, IEnumerable<BusTransport> transports, IEnumerable<KeyValuePair<string, string?>> database, Probe probe,
        params (string Name, string? Value)[] settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(log);
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Database:Migrate"] = "true",
            ["Bus:JobService:PollInterval"] = "1s",
            ["Bus:JobService:StopTimeout"] = "100ms",
        });
        builder.Configuration.AddInMemoryCollection(database);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)));
        builder.Services.AddSingleton(probe);
        builder.Services.AddBus(builder.Configuration, [domain], transports,
            [new JobsModule(), .. settings.Any(setting => setting.Name.StartsWith("Bus:Schedules:", StringComparison.Ordinal))
                ? new BusModule[] { new SchedulingModule() }
                : []]);

        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return new JobsHost(host);
    }

    /// <summary>Uses the jobs' service in a scope without an outbox.</summary>
    public async Task<T> Jobs<T>(Func<IJobs, Task<T>> use)
    {
        await using var scope = Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<IJobs>());
    }

    public Task Jobs(Func<IJobs, Task> use) => Jobs(async jobs =>
    {
        await use(jobs);
        return true;
    });

    public Task<Guid> Submit<T>(T job, JobSubmission? submission = null)
        where T : class =>
        Jobs(jobs => jobs.Submit(job, submission, Cancellation));

    public Task<JobInfo?> Find(Guid id) => Jobs(jobs => jobs.Find(id, Cancellation));

    public Task<JobInfo> Until(Guid id, JobStage stage, TimeSpan? limit = null) => Eventually.Some(
        async () => await Find(id) is { } job && job.Stage == stage ? job : null, limit ?? TimeSpan.FromSeconds(60),
        $"the job to be {stage}", Cancellation);

    public async Task<int> Execute(string statement)
    {
        await using var connection = await Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteNonQueryAsync(Cancellation);
    }

    public async Task<long> Count(string table, string condition = "true")
    {
        await using var connection = await Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table} WHERE {condition}";
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    public Task Stop() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
