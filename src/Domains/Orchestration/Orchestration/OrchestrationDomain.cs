namespace MaestroBus.Orchestration;

public sealed class OrchestrationDomain : BusDomain
{
    public override string Queue => "orchestration-flows";

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.High,
        Concurrency = 15,
        MemoryPerWorker = 512,
        Attempts = 3,
        FirstRetryDelay = TimeSpan.FromSeconds(5),
    };
}
