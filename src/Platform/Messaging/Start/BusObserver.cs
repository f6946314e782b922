namespace Maestro.Bus.Messaging;

/// <summary>Observes the bus, and does nothing of itself: override what is of interest.</summary>
public abstract class BusObserver : IBusObserver
{
    /// <inheritdoc />
    public virtual void PostCreate(IBus bus)
    {
    }

    /// <inheritdoc />
    public virtual void CreateFaulted(Exception exception)
    {
    }

    /// <inheritdoc />
    public virtual Task PreStart(IBus bus) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PreStop(IBus bus) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PostStop(IBus bus) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;
}
