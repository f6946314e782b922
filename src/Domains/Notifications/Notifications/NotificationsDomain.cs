namespace MaestroBus.Notifications;

public sealed class NotificationsDomain : BusDomain
{
    public override string Queue => "notifications";

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.Medium,
        Concurrency = 8,
        MemoryPerWorker = 64,
        Attempts = 5,
        FirstRetryDelay = TimeSpan.FromSeconds(30),
    };
}
