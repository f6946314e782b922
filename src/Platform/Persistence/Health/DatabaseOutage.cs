namespace Maestro.Bus.Persistence;

/// <summary>
/// Knows when the database is away. Whoever meets that says so here and writes no line of its own: the log has one when the outage begins,
/// one a minute, and one when a probe finds the database back.
/// </summary>
public sealed class DatabaseOutage : IDisposable
{
    static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);

    readonly BusDatabase _database;
    readonly TimeProvider _time;
    readonly ProbedOutage _outage;

    /// <param name="database">The database.</param>
    /// <param name="outages">Takes the lines.</param>
    /// <param name="time">Measures the pauses between the probes.</param>
    public DatabaseOutage(BusDatabase database, Outages outages, TimeProvider time)
    {
        _database = database;
        _time = time;
        _outage = new ProbedOutage(
            outages.OfDatabase(database.Name), database.Probe, exception => exception.GetBaseException().Message, ProbeInterval, ProbeLimit,
            time);
    }

    /// <summary>Gets why the database is away; null if it is not, as far as is known.</summary>
    public string? Reason => _outage.Reason;

    /// <summary>
    /// Tells whether an exception means that the database is away for now, in which case the log has a line of the outage already.
    /// </summary>
    public bool Tells(Exception exception)
    {
        if (!DatabaseFailures.IsAway(exception))
            return false;

        _database.ForgetReadOnly(exception);
        _outage.Away(exception.GetBaseException().Message);
        return true;
    }

    /// <summary>
    /// Tells the same of work with a limit. Those who write to the SQLite file of a process that is frozen within a write wait for each
    /// other, and few of them long enough to be told of the lock: that the limit has ended the work means that the file is away.
    /// </summary>
    /// <param name="exception">What has ended the work.</param>
    /// <param name="limit">Is cancelled when the work has taken too long.</param>
    public bool Tells(Exception exception, CancellationToken limit)
    {
        if (exception is not OperationCanceledException || !limit.IsCancellationRequested
            || _database.Provider != DatabaseProvider.Sqlite)
            return Tells(exception);

        _outage.Away("it has not answered in time");
        return true;
    }

    /// <summary>Does what the database is needed for, and waits while it is away.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task Overcome(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await work(cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Tells(exception))
            {
                await Task.Delay(ProbeInterval, _time, cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _outage.Dispose();
}
