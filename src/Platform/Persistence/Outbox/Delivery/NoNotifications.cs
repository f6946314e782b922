namespace Maestro.Bus.Persistence;

/// <summary>
/// An SQLite database tells nobody, and behind a pooler of transactions nobody can listen. Whatever this process does not have the lease
/// of, the process that has finds by polling.
/// </summary>
sealed class NoNotifications : IOutboxNotifications
{
    public Task Tell(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Listen(Action<short> heard, Action missed, CancellationToken cancellationToken) => Task.CompletedTask;
}
