using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Messaging;

/// <summary>
/// One run of a consumer that handles a message for all that say the same: what it responds and publishes is kept for them.
/// </summary>
public sealed class IdempotentRun
{
    readonly Lock _lock = new();
    readonly List<IdempotentResult> _results = [];
    readonly HashSet<Guid?> _noted = [];

    internal IdempotentRun(IdempotencyKey key, TimeSpan retention) => (Key, Retention) = (key, retention);

    /// <summary>What the message is known by.</summary>
    public IdempotencyKey Key { get; }

    /// <summary>The run's id.</summary>
    public Guid Id { get; } = NewId.NextGuid();

    /// <summary>How long the results are kept.</summary>
    public TimeSpan Retention { get; }

    /// <summary>Whether the results have been kept already, in the transaction of the consumer's effects.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>What the consumer has responded and published, to be kept.</summary>
    public byte[] Results
    {
        get
        {
            lock (_lock)
                return JsonSerializer.SerializeToUtf8Bytes(_results, SystemTextJsonMessageSerializer.Options);
        }
    }

    /// <summary>Says that the results are part of a transaction that is about to be committed.</summary>
    public void Completed() => IsCompleted = true;

    /// <summary>Keeps what a consumer sends, if it handles a message for others and this is a result for them.</summary>
    internal static void Note(SendContext context)
    {
        if (!context.TryGetPayload(out ConsumeContext? consumed) || !consumed.TryGetPayload(out IdempotentRun? run)
            || GoingBack.Is(context))
            return;

        if (context is PublishContext || (context.RequestId is not null && context.RequestId == consumed.RequestId))
            run.Add(context);
    }

    void Add(SendContext context)
    {
        lock (_lock)
        {
            if (_noted.Add(context.MessageId) && IdempotentResult.Of(context) is { } result)
                _results.Add(result);
        }
    }
}
