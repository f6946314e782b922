using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Broker.Tests;

/// <summary>A host with the <see cref="TickDomain"/> on RabbitMQ.</summary>
public sealed class TickHost : IAsyncDisposable
{
    readonly IHost _host;

    TickHost(IHost host) => _host = host;

    public LogLines Lines { get; private init; } = new();

    public IServiceProvider Services => _host.Services;

    public TickLog Log => Services.GetRequiredService<TickLog>();

    public IBusControl Bus => Services.GetRequiredService<IBusControl>();

    /// <summary>Makes a host without starting it.</summary>
    public static TickHost Create(string url, params KeyValuePair<string, string?>[] settings) =>
        Create(url, TimeProvider.System, settings);

    /// <summary>Makes a host with a clock of its own without starting it.</summary>
    public static TickHost Create(string url, TimeProvider time, params KeyValuePair<string, string?>[] settings)
    {
        var lines = new LogLines();
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(lines);
        builder.Configuration
            .AddInMemoryCollection([new("Bus:Transport", "rabbitmq"), new("Bus:RabbitMq:Url", url)])
            .AddInMemoryCollection(settings);
        builder.Services.AddSingleton(time);
        builder.Services.AddBus(builder.Configuration, [new TickDomain()], [new RabbitMqTransport()]);
        return new TickHost(builder.Build()) { Lines = lines };
    }

    /// <summary>Starts a host.</summary>
    public static async Task<TickHost> Start(string url, params KeyValuePair<string, string?>[] settings)
    {
        var host = Create(url, settings);
        await host.Start();
        return host;
    }

    public Task Start() => _host.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Asks the broker what a host as a process asks it before its start.</summary>
    public async Task Probe()
    {
        _ = Bus;
        foreach (var probe in Services.GetServices<IStartProbe>())
            await probe.Run(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a tick to a queue.</summary>
    // Awaited here and not by the tests themselves: MassTransit's log context stays with the caller, and would outlive the host.
    public async Task Send(string queue, string tick)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(new Tick(tick), TestContext.Current.CancellationToken);
    }

    /// <summary>Publishes a tick.</summary>
    public async Task Publish(string tick) => await Bus.Publish(new Tick(tick), TestContext.Current.CancellationToken);

    /// <summary>Schedules a tick for a queue.</summary>
    public async Task Schedule(string queue, string tick, TimeSpan delay)
    {
        await using var scope = Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        await scheduler.ScheduleSend(new Uri($"queue:{queue}"), delay, new Tick(tick), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
