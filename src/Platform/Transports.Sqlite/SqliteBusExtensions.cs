using MassTransit.SqlTransport.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Puts a plain bus, one that is added with MassTransit's own <c>AddMassTransit</c>, on a file.</summary>
public static class SqliteBusExtensions
{
    /// <summary>
    /// Carries the messages in a file of this machine: <c>data/bus.db</c> below the content root, unless options of
    /// <see cref="SqliteSettings"/> say otherwise. Dead letters go to <c>{queue}-dlq</c>.
    /// </summary>
    /// <param name="bus">The bus.</param>
    /// <param name="configure">Configures the bus, as for any transport of MassTransit.</param>
    public static void UsingSqlite(
        this IBusRegistrationConfigurator bus, Action<IBusRegistrationContext, ISqlBusFactoryConfigurator>? configure = null)
    {
        bus.AddOptions<SqliteSettings>().ValidateDataAnnotations();
        bus.TryAddSingleton(TimeProvider.System);
        bus.TryAddSingleton<Outages>();
        bus.AddSingleton(services => Open(services, services.GetRequiredService<IOptions<SqliteSettings>>().Value));
        bus.AddSingleton(services => new SqliteQueues(services.GetRequiredService<SqliteBroker>));
        bus.AddHealthChecks().AddCheck<SqliteHealthCheck>(SqliteHealthCheck.Name, tags: [HealthTags.Ready]);

        var receivers = new Receivers();
        bus.AddReceiveEndpointObserver(_ => receivers);
        bus.SetBusFactory(new SqlRegistrationBusFactory((context, sql) =>
        {
            var limits = new EndpointLimits();
            sql.ConnectEndpointConfigurationObserver(limits);
            var broker = context.GetRequiredService<SqliteBroker>();
            sql.Host(new SqliteHostSettings(broker.Path, () => broker, receivers, limits.Of));
            configure?.Invoke(context, sql);
        }));
    }

    /// <summary>Carries the messages in a file of this machine.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="path">The file, on a local disk; a relative path is one below the content root.</param>
    /// <param name="configure">Configures the bus, as for any transport of MassTransit.</param>
    public static void UsingSqlite(
        this IBusRegistrationConfigurator bus, string path, Action<IBusRegistrationContext, ISqlBusFactoryConfigurator>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        bus.Configure<SqliteSettings>(settings => settings.Path = path);
        bus.UsingSqlite(configure);
    }

    internal static SqliteBroker Open(IServiceProvider services, SqliteSettings settings)
    {
        var path = PathOf(services, settings);
        return SqliteBroker.Open(
            path, settings, services.GetRequiredService<TimeProvider>(), OutageOf(services, path),
            services.GetRequiredService<ILogger<SqliteBroker>>());
    }

    /// <summary>Has a host wait for the file before its bus starts. What is added after this is started after it.</summary>
    internal static void AddWait(IServiceCollection services, SqliteSettings settings)
    {
        services.AddSingleton(provider =>
        {
            var path = PathOf(provider, settings);
            return new BrokerFileWait(path, settings, OutageOf(provider, path), provider.GetRequiredService<TimeProvider>(),
                () => provider.GetRequiredService<SqliteBroker>());
        });
        services.AddSingleton<IStartProbe>(provider => provider.GetRequiredService<BrokerFileWait>());
        services.AddHostedService(provider => provider.GetRequiredService<BrokerFileWait>());
    }

    static string PathOf(IServiceProvider services, SqliteSettings settings) =>
        (services.GetService<DataFolder>() ?? new DataFolder(new DataSettings(), services))
            .Database(settings.Path, "bus.db", "Bus:Sqlite:Path");

    static OutageLog OutageOf(IServiceProvider services, string path) =>
        services.GetRequiredService<Outages>().Of($"The bus's file {path}");
}
