namespace Maestro.Bus.Transports.Sqlite;

/// <summary>A unit of work for the writer. It shares its transaction with whatever else is waiting.</summary>
abstract class Operation
{
    /// <summary>Whether the operation is tried again until it succeeds, rather than failing when the file cannot be written.</summary>
    public virtual bool IsRepeated => false;

    /// <summary>Whether the caller has given it up.</summary>
    public virtual bool IsCancelled => false;

    /// <summary>Does the work, within a transaction.</summary>
    public abstract void Execute();

    /// <summary>The transaction is committed.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>The transaction is undone, and the operation is not tried again.</summary>
    public virtual void Failed(Exception exception)
    {
    }
}

/// <summary>Work that somebody waits for.</summary>
sealed class Call<T>(Func<T> work) : Operation
{
    readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    T _result = default!;

    public Task<T> Task => _completion.Task;

    public override void Execute() => _result = work();

    public override void Committed() => _completion.TrySetResult(_result);

    public override void Failed(Exception exception) => _completion.TrySetException(exception);
}

/// <summary>Work that must happen, and that nobody has to wait for.</summary>
sealed class Duty(Action work) : Operation
{
    public override bool IsRepeated => true;

    public override void Execute() => work();
}

/// <summary>Work that must happen, and that somebody waits for.</summary>
sealed class AwaitedDuty(Action work) : Operation
{
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool IsRepeated => true;

    public Task Task => _completion.Task;

    public override void Execute() => work();

    public override void Committed() => _completion.TrySetResult();

    public override void Failed(Exception exception) => _completion.TrySetException(exception);
}
