using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>How the tables of the platform and of real domains come into a database, and what keeps a wrong one from being used.</summary>
public abstract class MigrationSuite : IAsyncLifetime
{
    Dictionary<string, string?> _settings = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hosts_that_start_at_the_same_time_on_a_new_database_all_come_up()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Run(migrate: true), Cancellation)));

        Assert.Equal(2L, await Number("""SELECT count(*) FROM "__EFMigrationsHistory_Orchestration" """));
    }

    [Fact]
    public async Task A_start_that_must_not_migrate_stops_on_a_database_that_lacks_something()
    {
        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() => Run(migrate: false));

        Assert.StartsWith("The database lacks ", problem.Message);
        Assert.Contains("_Initial of OrchestrationDbContext", problem.Message);
        Assert.EndsWith("Run the host with the command 'migrate', or set Bus:Database:Migrate to true.", problem.Message);
    }

    [Fact]
    public async Task The_command_migrates_so_that_a_start_need_not()
    {
        using (var host = Build(migrate: false))
            await Assert.Single(host.Services.GetServices<IBusCommand>(), command => command.Name == "migrate").Run(Cancellation);

        await Run(migrate: false);
    }

    [Theory]
    [InlineData("""INSERT INTO "__EFMigrationsHistory_Analytics" VALUES ('99990101000000_Future', '99.0.0')""",
        "The database has the migration 99990101000000_Future, which AnalyticsDbContext does not know.")]
    [InlineData("INSERT INTO platform_schema VALUES (999, 'future', '9999')", "The database has the platform's tables of version 999")]
    public async Task A_database_of_a_newer_version_is_refused(string upgrade, string sentence)
    {
        await Run(migrate: true);
        await Number(upgrade);

        foreach (var migrate in (bool[])[true, false])
        {
            var problem = await Assert.ThrowsAsync<BusConfigurationException>(() => Run(migrate));
            Assert.StartsWith(sentence, problem.Message);
            Assert.Contains("newer version", problem.Message);
        }
    }

    [Fact]
    public void The_domains_migrations_make_what_their_models_say()
    {
        using var host = Build(migrate: true);
        var database = host.Services.GetRequiredService<BusDatabase>();

        foreach (var source in host.Services.GetServices<MigrationSource>())
        {
            using var context = source.Create(database);
            Assert.False(context.Database.HasPendingModelChanges(),
                $"{context.GetType().Name} lacks a migration. Add one with dotnet ef, as the readme says.");
        }
    }

    public async ValueTask InitializeAsync() => _settings = await Database(Cancellation);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The settings of a new database.</summary>
    protected abstract Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken);

    /// <summary>Starts and stops a host.</summary>
    protected async Task Run(bool migrate)
    {
        using var host = Build(migrate);
        await host.StartAsync(Cancellation);
        await host.StopAsync(Cancellation);
    }

    protected async Task<object?> Number(string statement)
    {
        using var host = Build(migrate: false);
        await using var connection = await host.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteScalarAsync(Cancellation);
    }

    IHost Build(bool migrate)
    {
        var builder = ValidatedHost.CreateEmptyApplicationBuilder();
        builder.Services.AddLogging();
        builder.Configuration.AddInMemoryCollection(_settings)
            .AddInMemoryCollection([new("Bus:Transport", "memory"), new("Bus:Database:Migrate", $"{migrate}")]);
        builder.Services.AddBus(builder.Configuration, [new OrchestrationDomain(), new AnalyticsDomain()], []);
        return builder.Build();
    }
}
