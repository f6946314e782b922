using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>A test with hosts on a file of its own, whose buses are added with MassTransit's own method, without domains.</summary>
public abstract class PlainBusTest : IAsyncDisposable
{
    readonly List<IHost> _hosts = [];
    readonly TestFile _file = new();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static Task Add<T>(Received<T> received, T item)
    {
        received.Add(item);
        return Task.CompletedTask;
    }

    protected async Task<IHost> Start(
        Action<IBusRegistrationConfigurator> register, Action<IBusRegistrationContext, ISqlBusFactoryConfigurator>? configure = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            register(bus);
            bus.UsingSqlite(_file.Path, (context, sql) =>
            {
                configure?.Invoke(context, sql);
                sql.ConfigureEndpoints(context);
            });
        });

        var host = builder.Build();
        await host.StartAsync(Cancel);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Uses the host's scheduler.</summary>
    protected static async Task<T> Schedule<T>(IHost host, Func<IMessageScheduler, Task<T>> use)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<IMessageScheduler>());
    }
}
