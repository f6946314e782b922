using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>A host with the shop, in memory but for its database.</summary>
sealed class ShopHost : IAsyncDisposable
{
    readonly IHost _host;

    ShopHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public Received Received => Services.GetRequiredService<Received>();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ShopHost> Start(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? configure = null, bool usesBusOutbox = true,
        IEnumerable<BusTransport>? transports = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Database:Outbox:FirstRetryDelay"] = "100ms",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        configure?.Invoke(builder.Services);
        builder.Services.AddBus(builder.Configuration, [usesBusOutbox ? new WholeShopDomain() : new ShopDomain()], transports ?? []);

        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return new ShopHost(host);
    }

    /// <summary>Runs something in a scope with a context, as a request does.</summary>
    public async Task InScope(Func<ShopContext, IPublishEndpoint, IServiceProvider, Task> run)
    {
        await using var scope = Services.CreateAsyncScope();
        await run(
            scope.ServiceProvider.GetRequiredService<ShopContext>(), scope.ServiceProvider.GetRequiredService<IPublishEndpoint>(),
            scope.ServiceProvider);
    }

    public async Task<T> Query<T>(Func<ShopContext, Task<T>> query)
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<ShopContext>());
    }

    public Task<int> Orders(int number) => Query(context => context.Orders.CountAsync(order => order.Number == number, Cancellation));

    public async Task<long> Count(string table, string condition = "true")
    {
        await using var connection = await Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table} WHERE {condition}";
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    public Task UntilEmpty() => Eventually.True(
        async () => await Count("outbox_message") == 0, TimeSpan.FromSeconds(60), "an empty outbox", Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
