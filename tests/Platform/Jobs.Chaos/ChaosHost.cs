namespace Maestro.Bus.Jobs.Chaos;

/// <summary>A host of the chaos jobs, in memory but for its database.</summary>
public static class ChaosHost
{
    /// <summary>Makes one.</summary>
    /// <param name="settings">Where the database is, and what else differs.</param>
    public static IHost Build(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Database:Migrate"] = "true",
            ["Bus:JobService:StalledAfter"] = "1500ms",
            ["Bus:JobService:PollInterval"] = "200ms",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddBus(builder.Configuration, [new ChaosDomain()], [], new JobsModule());
        return builder.Build();
    }

    sealed class ChaosDomain : BusDomain;
}
