using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence.Tests;

public sealed class SqlitePlainBusTests : PlainBusSuite
{
    protected override Task<Action<DbContextOptionsBuilder>> Database(CancellationToken cancellationToken) =>
        Task.FromResult<Action<DbContextOptionsBuilder>>(new TestState().Use);

    [Fact]
    public async Task A_database_in_memory_stops_the_start_with_a_word()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(
            () => PlainHost<BareParcelContext>.Start(options => options.UseSqlite("Data Source=:memory:")));

        Assert.Contains("BareParcelContext", exception.Message, StringComparison.Ordinal);
        Assert.Contains("UseSqlite(\"Data Source=state.db\")", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_databases_stop_the_start_with_a_word()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => PlainHost<BareParcelContext>.Start(
            new TestState().Use,
            bus =>
            {
                bus.AddDbContext<ParcelContext>(new TestState().Use);
                bus.AddEntityFrameworkOutbox<BareParcelContext>();
                bus.AddEntityFrameworkOutbox<ParcelContext>();
            }));

        Assert.Contains("BareParcelContext", exception.Message, StringComparison.Ordinal);
        Assert.Contains("put both there, or leave one out", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_name_another_database_stop_the_start_with_a_word()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => PlainHost<BareParcelContext>.Start(
            new TestState().Use, settings: [new("Bus:Database:Path", "elsewhere.db")]));

        Assert.Contains("Leave Provider, ConnectionString, Path and Tls out", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_code_says_of_the_outbox_is_in_force_where_the_configuration_is_silent()
    {
        await using var host = await PlainHost<BareParcelContext>.Start(
            new TestState().Use,
            bus => bus.AddEntityFrameworkOutbox<BareParcelContext>(outbox =>
            {
                outbox.UseSqlite();
                outbox.LockStatementProvider = new SqliteLockStatementProvider();
                outbox.IsolationLevel = System.Data.IsolationLevel.Serializable;
                outbox.DuplicateDetectionWindow = TimeSpan.FromMinutes(30);
                outbox.QueryDelay = TimeSpan.FromSeconds(1);
                outbox.QueryMessageLimit = 100;
                outbox.QueryTimeout = TimeSpan.FromSeconds(7);
                outbox.DisableInboxCleanupService();
                outbox.UseBusOutbox(delivery =>
                {
                    delivery.MessageDeliveryLimit = 10;
                    delivery.MessageDeliveryTimeout = TimeSpan.FromSeconds(9);
                    delivery.DisableDeliveryService();
                });
            }),
            [new("Bus:Database:Outbox:Window", "50")]);

        var settings = host.Services.GetRequiredService<DatabaseSettings>();
        Assert.Equal(TimeSpan.FromMinutes(30), settings.Inbox.Window);
        Assert.False(settings.Inbox.Cleanup);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.Outbox.PollInterval);
        Assert.Equal(50, settings.Outbox.Window);
        Assert.Equal(TimeSpan.FromSeconds(7), settings.Outbox.QueryTimeout);
        Assert.Equal(10, settings.Outbox.Concurrency);
        Assert.Equal(TimeSpan.FromSeconds(9), settings.Outbox.SendTimeout);
        Assert.False(settings.Outbox.Deliver);
    }

    [Fact]
    public void Statements_of_another_kind_are_refused()
    {
        var exception = Assert.Throws<ConfigurationException>(() => new ServiceCollection().AddMassTransit(bus =>
            bus.AddEntityFrameworkOutbox<BareParcelContext>(outbox => outbox.LockStatementProvider = new OwnStatements())));

        Assert.Contains("OwnStatements", exception.Message, StringComparison.Ordinal);
    }

    sealed class OwnStatements : ILockStatementProvider
    {
        public string GetRowLockStatement<T>(DbContext context)
            where T : class => "";

        public string GetRowLockStatement<T>(DbContext context, params string[] propertyNames)
            where T : class => "";

        public string GetOutboxStatement(DbContext context) => "";
    }
}

public sealed class PostgresPlainBusTests(PostgresFixture postgres) : PlainBusSuite
{
    protected override async Task<Action<DbContextOptionsBuilder>> Database(CancellationToken cancellationToken)
    {
        var connectionString = await postgres.Server.CreateDatabase(cancellationToken);
        return options => options.UseNpgsql(connectionString);
    }

    [Fact]
    public async Task A_context_on_a_data_source_has_its_outbox_there()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(
            await postgres.Server.CreateDatabase(TestContext.Current.CancellationToken));
        await using var host = await PlainHost<BareParcelContext>.Start(options => options.UseNpgsql(source));
        await Publishes(host);
    }

    [Fact]
    public async Task Tables_by_the_names_of_the_bus_in_another_schema_are_left_alone()
    {
        var database = await Database(TestContext.Current.CancellationToken);
        await using var host = await PlainHost<SchemaParcelContext>.Start(database);
        await Publishes(host);
    }
}

/// <summary>
/// The outbox on a bus that was added with MassTransit's own method, beside a context that the application has registered.
/// </summary>
public abstract class PlainBusSuite
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scope_publishes_with_the_commit_of_its_context()
    {
        await using var host = await PlainHost<BareParcelContext>.Start(await Database(Cancellation));
        await Publishes(host);
    }

    [Fact]
    public async Task A_message_is_handled_once_with_its_effects()
    {
        await using var host = await PlainHost<BareParcelContext>.Start(await Database(Cancellation));
        await CreateTables(host);
        var (first, second) = (NewId.NextGuid(), NewId.NextGuid());

        await host.Send(new SendParcel(1), first);
        await host.Until(1);
        await host.Send(new SendParcel(1), first);
        await host.Send(new SendParcel(2), second);
        await host.Until(1, 2);

        Assert.Equal([1, 2], host.Log.Handled);
        Assert.Equal(
            [1, 2], await host.InScope((context, _) => context.Parcels.Select(parcel => parcel.Number).Order().ToListAsync(Cancellation)));
    }

    /// <summary>MassTransit's OutboxMessage is outbox_message where an application names its tables in snake case.</summary>
    [Fact]
    public async Task A_mapped_table_by_the_name_of_one_of_the_bus_stops_the_start_with_a_word()
    {
        var database = await Database(Cancellation);

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => PlainHost<SnakeParcelContext>.Start(database));

        Assert.Contains("SnakeParcelContext maps OutboxMessage to the table 'outbox_message'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ToTable(\"OutboxMessage\")", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_by_the_name_of_one_of_the_bus_that_nothing_maps_stops_the_start_with_a_word()
    {
        var database = await Database(Cancellation);
        var options = new DbContextOptionsBuilder<BareParcelContext>();
        database(options);
        await using (var context = new BareParcelContext(options.Options))
            await context.Database.ExecuteSqlRawAsync("CREATE TABLE outbox_message (id integer)", Cancellation);

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => PlainHost<BareParcelContext>.Start(database));

        Assert.Contains("outbox_message", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Rename that table", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The settings of a new database.</summary>
    protected abstract Task<Action<DbContextOptionsBuilder>> Database(CancellationToken cancellationToken);

    private protected static async Task Publishes<TContext>(PlainHost<TContext> host)
        where TContext : DbContext
    {
        await CreateTables(host);
        await host.InScope(async (context, publish) =>
        {
            await publish.Publish(new ParcelSent(1), Cancellation);
            return context;
        });
        await host.InScope(async (context, publish) =>
        {
            await publish.Publish(new ParcelSent(2), Cancellation);
            context.Add(new Parcel { Number = 2 });
            return await context.SaveChangesAsync(Cancellation);
        });

        await host.Until(2);
    }

    static Task<bool> CreateTables<TContext>(PlainHost<TContext> host)
        where TContext : DbContext => host.InScope(async (context, _) =>
    {
        await context.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(Cancellation);
        return true;
    });
}
