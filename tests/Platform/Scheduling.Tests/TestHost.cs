using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>A host with the scheduler and one consumer.</summary>
sealed class TestHost : IAsyncDisposable
{
    readonly IHost _host;

    TestHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    /// <summary>What it has logged.</summary>
    public LogLines Log => Services.GetRequiredService<LogLines>();

    public Ticks Ticks => Services.GetRequiredService<Ticks>();

    public ISchedules Schedules => Services.GetRequiredService<ISchedules>();

    public IScheduleStore Store => Services.GetRequiredService<IScheduleStore>();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static IHost Build(IEnumerable<KeyValuePair<string, string?>> settings, Action<BusBuilder>? declare = null,
        TimeProvider? time = null, string application = "tests", BusDomain? domain = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = application, DisableDefaults = true });
        var log = new LogLines();
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(log);
        if (Environment.GetEnvironmentVariable("TEST_LOG") is not null)
            builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Debug);
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Bus:Database:Migrate"] = "true" });
        builder.Configuration.AddInMemoryCollection(settings);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<Ticks>();
        builder.Services.AddBus(builder.Configuration, [domain ?? new TestDomain(declare)],
            [new SqliteTransport(), new RabbitMqTransport()], new SchedulingModule());
        return builder.Build();
    }

    public static async Task<TestHost> Start(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<BusBuilder>? declare = null, TimeProvider? time = null,
        string application = "tests", BusDomain? domain = null)
    {
        var host = Build(settings, declare, time, application, domain);

        try
        {
            await host.StartAsync(Cancellation);
        }
        catch (Exception)
        {
            // What has started of it would go on beside the tests that follow.
            host.Dispose();
            throw;
        }

        return new TestHost(host);
    }

    public Task Publish<T>(T message)
        where T : class =>
        Services.GetRequiredService<IBus>().Publish(message, Cancellation);

    public async Task<T> InScope<T>(Func<IServiceProvider, Task<T>> run)
    {
        await using var scope = Services.CreateAsyncScope();
        return await run(scope.ServiceProvider);
    }

    public Task<ScheduledMessage<Tick>> Schedule(DateTime due, Tick tick) => InScope(scope =>
        scope.GetRequiredService<IMessageScheduler>().SchedulePublish(due, tick, Cancellation));

    public Task Cancel(Guid token) => InScope(async scope =>
    {
        await scope.GetRequiredService<IMessageScheduler>().CancelScheduledPublish<Tick>(token, Cancellation);
        return 0;
    });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    /// <summary>Another domain, with a queue of its own.</summary>
    public sealed class OtherDomain(Action<BusBuilder>? declare) : BusDomain
    {
        public override void AddServices(BusBuilder bus) => declare?.Invoke(bus);
    }

    sealed class TestDomain(Action<BusBuilder>? declare) : BusDomain
    {
        public override void AddServices(BusBuilder bus) => declare?.Invoke(bus);
    }
}
