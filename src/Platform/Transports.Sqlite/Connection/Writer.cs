using System.Collections.Concurrent;
using System.Diagnostics;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// The one thread of the process that writes to the file. It commits everything that is waiting as one transaction: the more callers there
/// are, the more of them share the cost of a commit.
/// </summary>
sealed class Writer : IDisposable
{
    const int BatchSize = 512;

    static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    // While the file cannot be written, what is sent is refused between two tries.
    static readonly TimeSpan RetryPatience = TimeSpan.FromMilliseconds(500);

    // SQLite asks for a lock less and less often, in the end every 100 ms: where others write all the time it would hardly ever come
    // between two of their transactions. After so long it begins anew.
    static readonly TimeSpan AskingAnew = TimeSpan.FromMilliseconds(20);

    readonly Database _database;
    readonly IWriterScope _scope;
    readonly OutageLog _outage;
    readonly TimeSpan _busyTimeout;
    readonly ConcurrentQueue<Operation> _waiting = new();
    readonly List<Operation> _batch = new(BatchSize);
    readonly List<Operation> _repeated = [];
    readonly ManualResetEventSlim _wake = new();
    readonly Statement _begin;
    readonly Statement _commit;
    readonly Statement _probe;
    readonly Thread _thread;
    volatile SqliteTransportException? _failure;
    volatile bool _stopping;

    public Writer(Database database, IWriterScope scope, OutageLog outage, TimeSpan busyTimeout)
    {
        _database = database;
        _scope = scope;
        _outage = outage;
        _busyTimeout = busyTimeout;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _probe = database.Prepare("UPDATE meta SET probes = probes + 1");
        _thread = new Thread(Loop) { Name = "bus file writer", IsBackground = true };
    }

    /// <summary>Why the file cannot be written at present; none when it can.</summary>
    public SqliteTransportException? Failure => _failure;

    bool IsLocked => _failure is { Code: raw.SQLITE_BUSY or raw.SQLITE_LOCKED };

    public void Start() => _thread.Start();

    public void Post(Operation operation)
    {
        if (_stopping)
        {
            operation.Failed(new ObjectDisposedException(
                _database.Path, $"The bus's file {_database.Path} is closed: the bus has stopped. Send before it stops."));
            return;
        }

        _waiting.Enqueue(operation);
        if (!_wake.IsSet)
            _wake.Set();
    }

    public Task<T> Run<T>(Func<T> work)
    {
        var call = new Call<T>(work);
        Post(call);
        return call.Task;
    }

    /// <summary>Ends the thread when everything that is waiting is written.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (_thread.IsAlive)
            _thread.Join();

        // Whoever was between looking at the flag and queueing must not wait for ever.
        while (_waiting.TryDequeue(out var late))
            late.Failed(new ObjectDisposedException(_database.Path));

        _wake.Dispose();
    }

    void Loop()
    {
        while (true)
        {
            _wake.Reset();

            if (_failure is not null && !TryRecover())
                continue;

            if (!Collect())
            {
                if (_stopping)
                    return;

                Sleep();
                continue;
            }

            Write(_batch);
        }
    }

    bool Collect()
    {
        _batch.Clear();
        while (_batch.Count < BatchSize && _waiting.TryDequeue(out var operation))
            _batch.Add(operation);

        return _batch.Count > 0;
    }

    void Sleep()
    {
        var timeout = RetryInterval;

        try
        {
            timeout = _scope.Idle();
        }
        catch (SqliteTransportException exception)
        {
            // Nobody waits for what happens between transactions; the failure shows in the health, and the writer goes on when it is over.
            Fail(exception);
        }

        if (timeout > TimeSpan.Zero)
            _wake.Wait(timeout);
    }

    void Write(List<Operation> batch)
    {
        if (TryCommit(batch) is not { } exception)
            return;

        if (exception is SqliteTransportException { IsEnvironmental: true } failure)
        {
            Fail(failure);
            Refuse(batch, failure);
        }
        else if (batch.Count == 1)
        {
            batch[0].Failed(exception);
        }
        else
        {
            // One operation cannot be carried out; alone, each of them shows whether it is the one.
            foreach (var operation in batch)
            {
                if (TryCommit([operation]) is { } own)
                    operation.Failed(own);
            }
        }
    }

    Exception? TryCommit(List<Operation> batch)
    {
        try
        {
            Begin();
            _scope.Begun();
            foreach (var operation in batch)
                Execute(operation);
            _scope.Ending();
            _commit.Step();
        }
        catch (Exception exception)
        {
            // Whatever went wrong, the transaction must not stay open, and the callers learn of it.
            Rollback();
            return exception;
        }

        _scope.Committed();
        foreach (var operation in batch)
            operation.Committed();
        return null;
    }

    void Begin()
    {
        var asked = Stopwatch.GetTimestamp();
        var patience = IsLocked && RetryPatience < _busyTimeout ? RetryPatience : _busyTimeout;
        _database.SetBusyTimeout(AskingAnew);

        try
        {
            while (!_begin.TryRun())
            {
                if (Stopwatch.GetElapsedTime(asked) >= patience)
                    throw SqliteTransportException.Of(_database.Path, raw.SQLITE_BUSY, "database is locked");
            }
        }
        finally
        {
            _database.SetBusyTimeout(_busyTimeout);
        }
    }

    void Execute(Operation operation)
    {
        if (operation.IsCancelled)
        {
            operation.Failed(new OperationCanceledException());
            return;
        }

        try
        {
            operation.Execute();
        }
        catch (SqliteTransportException exception) when (exception.IsRefusal)
        {
            // It has written nothing, so the others need not be undone for it. Having failed, it does not notice the commit.
            operation.Failed(exception);
        }
    }

    void Rollback()
    {
        _scope.RolledBack();

        try
        {
            _database.Rollback();
        }
        catch (SqliteTransportException)
        {
            // SQLite undoes by itself what it cannot undo on demand, and the next transaction shows what is still wrong.
        }
    }

    void Refuse(IEnumerable<Operation> operations, SqliteTransportException failure)
    {
        foreach (var operation in operations)
        {
            if (operation.IsRepeated && !_stopping)
                _repeated.Add(operation);
            else
                operation.Failed(failure);
        }
    }

    bool TryRecover()
    {
        var retried = Stopwatch.GetTimestamp();

        if (TryRepeat())
        {
            _failure = null;
            _outage.Back();
            return true;
        }

        // Until the next try nothing can be written, and nobody is kept waiting to hear it.
        do
        {
            Collect();
            Refuse(_batch, _failure!);
            if (_stopping && _waiting.IsEmpty)
            {
                foreach (var operation in _repeated)
                    operation.Failed(_failure!);
                _repeated.Clear();
                _failure = null;
                return true;
            }

            var left = RetryInterval - Stopwatch.GetElapsedTime(retried);
            if (left > TimeSpan.Zero)
                _wake.Wait(left);
            _wake.Reset();
        }
        while (Stopwatch.GetElapsedTime(retried) < RetryInterval);

        return false;
    }

    /// <summary>Tries what must happen, in small pieces: on a full disk there is no more room than the log has already.</summary>
    bool TryRepeat()
    {
        while (true)
        {
            var count = Math.Min(_repeated.Count, BatchSize / 16);
            List<Operation> piece = [.. _repeated.Take(count), new Duty(() => _probe.Run())];

            if (((IsLocked ? null : MakeRoom()) ?? TryCommit(piece)) is { } exception)
            {
                if (exception is SqliteTransportException failure)
                    Fail(failure);
                return false;
            }

            _repeated.RemoveRange(0, count);
            if (_repeated.Count == 0)
                return true;
        }
    }

    /// <summary>Brings what is in the log into the file, so that the log's room can be used again.</summary>
    SqliteTransportException? MakeRoom()
    {
        try
        {
            _database.Execute("PRAGMA wal_checkpoint(RESTART)");
            return null;
        }
        catch (SqliteTransportException exception)
        {
            // As bad as before; the next try comes soon.
            return exception;
        }
    }

    void Fail(SqliteTransportException exception)
    {
        _failure = exception;
        _outage.Away(exception.Reason);
    }
}
