namespace Maestro.Bus.Messaging;

/// <summary>Knows when the bus has stopped, also where its start was cancelled.</summary>
sealed class BusStops : BusObserver
{
    TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the bus has stopped.</summary>
    public Task Stopped => _stopped.Task;

    public override Task PreStart(IBus bus)
    {
        if (_stopped.Task.IsCompleted)
            _stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }

    public override Task PostStop(IBus bus)
    {
        _stopped.TrySetResult();
        return Task.CompletedTask;
    }

    public override Task StopFaulted(IBus bus, Exception exception)
    {
        _stopped.TrySetResult();
        return Task.CompletedTask;
    }
}
