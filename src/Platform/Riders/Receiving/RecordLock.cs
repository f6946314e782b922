using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>Nothing to do: a record is acknowledged with those before it, when all of them are finished.</summary>
sealed class RecordLock : ReceiveLockContext
{
    public static RecordLock None { get; } = new();

    public Task Complete() => Task.CompletedTask;

    public Task Faulted(Exception exception) => Task.CompletedTask;

    public Task ValidateLockStatus() => Task.CompletedTask;
}
