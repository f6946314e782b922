namespace Maestro.Bus.Benchmarks;

public sealed record Ping(int Number);

/// <summary>Counts what it handles.</summary>
public sealed class Pings : IConsumer<Ping>
{
    static readonly Lock Gate = new();
    static TaskCompletionSource? _waiter;
    static int _handled;
    static int _awaited;
    static int _running;
    static int _mostAtOnce;

    /// <summary>How long the handling of a ping takes; none to take no time.</summary>
    public static Func<int, TimeSpan>? Work { get; set; }

    public static int MostAtOnce => _mostAtOnce;

    /// <summary>Waits until so many have been handled since the last time.</summary>
    public static Task Handled(int count)
    {
        lock (Gate)
        {
            _awaited = count;
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var task = _waiter.Task;
            Check();
            return task;
        }
    }

    public static void Reset()
    {
        lock (Gate)
            _handled = 0;
    }

    public async Task Consume(ConsumeContext<Ping> context)
    {
        if (Work is not null)
        {
            var running = Interlocked.Increment(ref _running);
            if (running > _mostAtOnce)
                _mostAtOnce = running;
            await Task.Delay(Work(context.Message.Number));
            Interlocked.Decrement(ref _running);
        }

        lock (Gate)
        {
            _handled++;
            Check();
        }
    }

    static void Check()
    {
        if (_waiter is null || _handled < _awaited)
            return;

        _handled -= _awaited;
        _waiter.TrySetResult();
        _waiter = null;
    }
}
