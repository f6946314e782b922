namespace Maestro.Bus.Messaging;

/// <summary>Limits how long a message is worked on.</summary>
sealed class ProcessingTimeout : IDisposable
{
    readonly TimeSpan? _limit;
    readonly CancellationToken _cancellation;
    readonly CancellationTokenSource? _timer;
    readonly CancellationTokenSource? _either;

    public ProcessingTimeout(TimeSpan? limit, TimeProvider time, CancellationToken cancellation)
    {
        (_limit, _cancellation) = (limit, cancellation);
        if (limit is not { } duration)
            return;

        _timer = new CancellationTokenSource(duration, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellation);
    }

    public CancellationToken Token => _either?.Token ?? _cancellation;

    public bool IsOver => _timer is { IsCancellationRequested: true };

    // With the cancellation inside it would pass for one, and MassTransit would have the message delivered again and again.
    public ProcessingTimeoutException Failure(Exception exception) =>
        new(
            $"The message was worked on for more than {_limit}. Make the work shorter, or raise the queue's ProcessingTimeout.",
            exception.GetBaseException() is OperationCanceledException ? null : exception);

    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }
}
