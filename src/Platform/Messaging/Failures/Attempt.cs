using MassTransit.Context;

namespace Maestro.Bus.Messaging;

/// <summary>One try to handle a message. Nobody is told of its failure before it is known that there is no other try.</summary>
sealed class Attempt<T> : ConsumeContextProxy<T>, IAttemptAnswers
    where T : class
{
    readonly Lock _lock = new();
    readonly ConsumeContext<T> _message;
    readonly List<Func<Exception?, Task>> _faults = [];
    volatile bool _isNew;
    volatile bool _isKnown;

    public Attempt(ConsumeContext<T> message, CancellationToken cancellationToken)
        : base(message)
    {
        _message = message;
        CancellationToken = cancellationToken;
    }

    public override CancellationToken CancellationToken { get; }

    /// <summary>What the consumer has thrown, before MassTransit puts another exception in the place of a cancellation.</summary>
    public Exception? Thrown { get; private set; }

    /// <summary>Gets whether the message had been handled before, and no consumer has been run by what knows of that.</summary>
    public bool IsDuplicate => _isKnown && !_isNew;

    public void Answered(bool isNew)
    {
        if (isNew)
            _isNew = true;
        else
            _isKnown = true;
    }

    public override Task NotifyFaulted<TMessage>(
        ConsumeContext<TMessage> faulted, TimeSpan duration, string consumerType, Exception exception)
    {
        lock (_lock)
        {
            Thrown ??= exception;
            // Nothing can be sent by a context that is cancelled; the message's own is not.
            _faults.Add(instead =>
                instead is null ? base.NotifyFaulted(faulted, duration, consumerType, exception) : base.NotifyFaulted(
                    _message, duration, consumerType, instead));
        }

        return Task.CompletedTask;
    }

    /// <summary>Tells that the message has failed for good.</summary>
    /// <param name="instead">The exception to name in place of those that were thrown; none to name these.</param>
    public async Task NotifyFaults(Exception? instead)
    {
        foreach (var fault in _faults)
            await fault(instead);
    }
}
