namespace MaestroBus.Integration;

public sealed class IntegrationDomain : BusDomain
{
    public override string Queue => "integration-tasks";

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.Medium,
        Concurrency = 10,
        MemoryPerWorker = 128,
        Attempts = 7,
        FirstRetryDelay = TimeSpan.FromSeconds(10),
    };

    public override void AddServices(BusBuilder bus)
    {
        var settings = bus.AddSettings<IntegrationSettings>("Integration");
        var data = bus.AddSettings<DataSettings>("Data");

        bus.Services.AddHttpClient();
        foreach (var (name, address) in settings.Addresses)
            bus.AddApiClient(name, address);

        bus.Services.AddSingleton(provider =>
            new ApiAddresses(settings, new DataFolder(data, provider).Path, provider.GetRequiredService<TimeProvider>()));
    }
}
