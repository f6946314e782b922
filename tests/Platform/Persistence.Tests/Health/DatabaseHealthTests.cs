using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What a host says, to whom asks for its health and to its callers, while its database is away or read-only.</summary>
public sealed class DatabaseHealthTests : IAsyncLifetime
{
    // What a host says that has not got its part of the outbox yet, or has lost it on a busy machine: to take it over, it is read, too.
    const string Unconfirmed = "The host's part of the outbox could not be confirmed: ";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly PostgresServer _server = new();
    WebApplication _host = null!;
    string _connection = "";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.Start(Cancellation);
        _connection = await _server.CreateDatabase(Cancellation);

        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = _connection,
            ["Bus:Database:Migrate"] = "true",
        });
        builder.Services.AddTestCaller();
        builder.Services.AddProblemDetails();
        builder.Services.AddBus(builder.Configuration, [new ShopDomain()], []);
        _host = builder.Build();
        _host.UseExceptionHandler();
        _host.MapBus();
        await _host.StartAsync(Cancellation);
    }

    [Fact]
    public async Task A_database_that_is_away_is_unhealthy_and_its_requests_are_answered_503_until_it_is_back()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_host.Urls.First()) };
        await Until(HealthStatus.Healthy, "answers.");
        Assert.Equal(200, (await Post()).Status);

        await _server.Kill();

        await Until(HealthStatus.Unhealthy, "does not answer: ");
        var (status, type, retryAfter) = await Post();
        Assert.Equal((503, "application/problem+json"), (status, type));
        Assert.NotNull(retryAfter);

        await _server.Start(Cancellation);

        await Until(HealthStatus.Healthy, "answers.");
        await Eventually.True(async () => (await Post()).Status == 200, Limit, "a request that is answered", Cancellation);

        async Task<(int Status, string? Type, TimeSpan? RetryAfter)> Post()
        {
            using var response = await client.PostAsync("/shop/1", null, Cancellation);
            return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.RetryAfter?.Delta);
        }
    }

    [Fact]
    public async Task A_read_only_database_is_unhealthy()
    {
        await Until(HealthStatus.Healthy, "answers.");

        await ReadOnly("on");
        await Until(HealthStatus.Unhealthy, "is read-only. Connect to the primary.");

        await ReadOnly("off");
        await Until(HealthStatus.Healthy, "answers.");

        async Task ReadOnly(string value)
        {
            var name = new NpgsqlConnectionStringBuilder(_connection).Database;
            await using var connection = new NpgsqlConnection(_server.ConnectionString);
            await connection.OpenAsync(Cancellation);
            await using var command = new NpgsqlCommand(
                $"""
                ALTER DATABASE "{name}" SET default_transaction_read_only = {value};
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'
                """,
                connection);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    [Fact]
    public async Task An_outbox_that_cannot_be_read_or_does_not_advance_is_unhealthy_until_it_does()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_host.Urls.First()) };
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(Cancellation);
        await Until(HealthStatus.Healthy, "answers.");

        await Run("ALTER TABLE outbox_message RENAME TO outbox_message_elsewhere");
        await Reports("The outbox could not be read: ", Unconfirmed);
        await Run("ALTER TABLE outbox_message_elsewhere RENAME TO outbox_message");
        await Until(HealthStatus.Healthy, "answers.");

        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await Run("LOCK TABLE outbox_message IN ACCESS EXCLUSIVE MODE");
            await Reports("The outbox has not been read for ", Unconfirmed);
        }

        await Until(HealthStatus.Healthy, "answers.");

        // What is sent cannot be written down.
        await Run(
            """
            CREATE TABLE held (id int);
            INSERT INTO held VALUES (1);
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN WHILE EXISTS (SELECT 1 FROM held) LOOP PERFORM pg_sleep(0.1); END LOOP; RETURN OLD; END';
            CREATE TRIGGER hold BEFORE DELETE ON outbox_message FOR EACH ROW EXECUTE FUNCTION hold()
            """);
        using (var response = await client.PostAsync("/shop/1", null, Cancellation))
            Assert.True(response.IsSuccessStatusCode);
        await Reports("The outbox does not advance: ");
        await Run("DELETE FROM held");
        await Until(HealthStatus.Healthy, "answers.");

        async Task Run(string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }

    Task Reports(params string[] problems) => Eventually.True(
        async () => await Entry() is { Status: HealthStatus.Unhealthy } entry
            && problems.Any(problem => entry.Description!.StartsWith(problem, StringComparison.Ordinal)),
        Limit, $"one of the problems: {string.Join(", ", problems)}", Cancellation);

    async Task<HealthReportEntry> Entry() =>
        (await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "database",
            Cancellation)).Entries["database"];

    Task Until(HealthStatus status, string description) => Eventually.True(
        async () => await Entry() is var entry && entry.Status == status
            && entry.Description!.StartsWith($"PostgreSQL at 127.0.0.1:{_server.Port} {description}", StringComparison.Ordinal),
        Limit, $"the database to be {status}: {description}", Cancellation);
}
