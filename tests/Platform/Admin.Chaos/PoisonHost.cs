namespace Maestro.Bus.Admin.Chaos;

/// <summary>A host with the domain and the administration, on a port of this machine.</summary>
public static class PoisonHost
{
    /// <summary>Makes one.</summary>
    /// <param name="settings">Where its transport and its database are.</param>
    /// <param name="configure">Replaces or adds services before the bus adds its own.</param>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? configure = null)
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["urls"] = "http://127.0.0.1:0", ["Bus:Database:Migrate"] = "true" });
        builder.Configuration.AddInMemoryCollection(settings);
        configure?.Invoke(builder.Services);
        builder.Services.AddTestCaller();
        builder.Services.AddBus(
            builder.Configuration, [new PoisonDomain()], [new RabbitMqTransport(), new SqliteTransport()], new AdminModule(),
            new AlertingModule(), new MailModule());
        builder.Services.AddProblemDetails();

        var application = builder.Build();
        application.UseExceptionHandler();
        application.UseStatusCodePages();
        application.MapBus();
        if (builder.Configuration[Remedies.Setting] is { Length: > 0 } remedies)
            application.Services.GetRequiredService<Remedies>().Are(remedies.Split(','));

        return application;
    }
}
