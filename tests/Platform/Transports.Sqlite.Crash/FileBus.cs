namespace Maestro.Bus.Transports.Sqlite.Crash;

/// <summary>A host with a bus on a file.</summary>
public static class FileBus
{
    /// <summary>Starts it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="register">Adds the consumers.</param>
    /// <param name="policy">The policy of all queues; by default nothing is retried.</param>
    /// <param name="configure">Configures each queue further.</param>
    /// <param name="settings">Settings of the section <c>Bus:Sqlite</c>.</param>
    public static async Task<IHost> Start(
        string path,
        Action<IBusRegistrationConfigurator>? register = null,
        QueuePolicy? policy = null,
        Action<string, ISqlReceiveEndpointConfigurator>? configure = null,
        IEnumerable<(string Name, string Value)>? settings = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            (settings ?? []).Append(("Path", path))
                .Select(setting => KeyValuePair.Create($"Bus:Sqlite:{setting.Item1}", (string?)setting.Item2)));

        var transport = new SqliteTransport();
        var bus = new BusBuilder(builder.Services, builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<QueueFigures>();
        builder.Services.AddSingleton(services => new DataFolder(new DataSettings(), services));
        transport.AddServices(bus);
        bus.Problems.ThrowIfAny();

        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(registration =>
        {
            registration.DisableUsageTelemetry();
            register?.Invoke(registration);
            registration.AddConfigureEndpointsCallback((_, queue, endpoint) =>
            {
                endpoint.ApplyPolicy(queue, policy ?? new QueuePolicy { Attempts = 1 }, transport);
                configure?.Invoke(queue, (ISqlReceiveEndpointConfigurator)endpoint);
            });
            transport.Use(registration, _ => { });
        });

        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return host;
        }
        catch (Exception)
        {
            // Whoever asked for the bus gets no host to dispose of.
            host.Dispose();
            throw;
        }
    }
}
