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
}
