using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Carries the messages in a file of this machine: nothing to install, and nothing is lost.</summary>
public sealed class SqliteTransport : BusTransport
{
    /// <summary>What the endpoints without a policy get, such as the one that takes the responses.</summary>
    static readonly ReceiveLimits Defaults = new(16, 32);

    readonly ConcurrentDictionary<string, ReceiveLimits> _limits = new(StringComparer.Ordinal);
    SqliteSettings _settings = new();

    /// <inheritdoc />
    public override string Name => "sqlite";

    /// <inheritdoc />
    public override string Section => "Sqlite";

    /// <inheritdoc />
    public override Type SettingsType => typeof(SqliteSettings);

    /// <inheritdoc />
    public override TransportCapabilities Capabilities =>
        TransportCapabilities.Durable | TransportCapabilities.Shared | TransportCapabilities.CancelScheduled
            | TransportCapabilities.Priority;

    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        _settings = bus.AddSettings<SqliteSettings>(Section);
        bus.Services.TryAddSingleton<Outages>();
        bus.Services.AddSingleton(services => SqliteBusExtensions.Open(services, _settings));
        SqliteBusExtensions.AddWait(bus.Services, _settings);
        bus.Services.AddSingleton(services => new SqliteQueues(services.GetRequiredService<SqliteBroker>));
        bus.Services.AddHostedService<DepthMeasurement>();
        bus.Services.AddHealthChecks().AddCheck<SqliteHealthCheck>(
            SqliteHealthCheck.Name, tags: [HealthTags.Ready, HealthTags.BrokerOf(Name)]);
    }

    /// <inheritdoc />
    public override void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure)
    {
        var receivers = new Receivers();
        bus.AddReceiveEndpointObserver(_ => receivers);
        bus.AddSqlMessageScheduler();
        bus.SetBusFactory(new SqliteBusFactory((context, sql) =>
        {
            sql.Host(new SqliteHostSettings(
                context.GetRequiredService<BrokerFileWait>().Path, context.GetRequiredService<SqliteBroker>, receivers,
                queue => _limits.GetValueOrDefault(queue, Defaults)));
            sql.UseSqlMessageScheduler();
            sql.PrefetchCount = Window(Defaults);
            sql.ConcurrentMessageLimit = Window(Defaults);
            configure(sql);
            sql.ConfigureEndpoints(context);
        }));
    }

    /// <inheritdoc />
    public override void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy)
    {
        var limits = new ReceiveLimits(policy.Concurrency, Math.Max(policy.Concurrency, policy.EffectivePrefetch));
        _limits[queue] = limits;
        endpoint.PrefetchCount = Window(limits);
        endpoint.ConcurrentMessageLimit = Window(limits);

        if (endpoint is ISqlReceiveEndpointConfigurator sql)
            sql.DeadLetterExpiredMessages = true;
    }

    /// <inheritdoc />
    public override ISuspects SuspectsOf(string queue, IServiceProvider services) => new SqliteSuspects();

    /// <summary>
    /// How many messages MassTransit's receive loop has at once, at most. Once it is full, the loop takes nothing more until the last of
    /// them is done, even for a free consumer; so it is wide enough never to be. The receiver keeps to the policy's concurrency and
    /// prefetch instead.
    /// </summary>
    static int Window(ReceiveLimits limits) => Math.Max(64, limits.Concurrency * 4);
}
