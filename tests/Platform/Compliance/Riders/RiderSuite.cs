namespace Maestro.Bus.Compliance;

/// <summary>
/// What the platform promises of every rider. A plug-in proves itself with a class that derives from this one and says no more.
/// </summary>
public abstract partial class RiderSuite<TBroker>(TBroker broker) : RiderScenario<TBroker>(broker)
    where TBroker : StreamBroker
{
    static readonly QueuePolicy Retrying = new()
    {
        Attempts = 3,
        FirstRetryDelay = TimeSpan.FromMilliseconds(300),
        MaxRetryDelay = TimeSpan.FromSeconds(1),
    };
}
