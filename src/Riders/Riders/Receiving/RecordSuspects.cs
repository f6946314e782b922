namespace MaestroBus.Riders;

/// <summary>
/// Looks among the first records that a member reads of a partition after a process has ended: what that one had in work had not been
/// acknowledged, and is read
/// again.
/// </summary>
/// <param name="records">Knows of the processes that have ended.</param>
/// <param name="endpoint">The topic and group.</param>
/// <param name="window">How many records a member has in hand at most.</param>
sealed class RecordSuspects(IDeathRecords records, string endpoint, int window) : ISuspects
{
    /// <summary>Partitions that come within such a time come because of the same event.</summary>
    static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    readonly Lock _lock = new();
    DateTimeOffset _since = DateTimeOffset.MinValue;
    int _left;

    public ValueTask<Suspect?> Find(ReceiveContext context) =>
        context is StreamReceiveContext { Record: { Stay: { } stay } record } && stay.IsAmongFirst(record, window)
            ? Find(stay, record, context.CancellationToken)
            : default;

    ValueTask<Suspect?> Find(PartitionProgress stay, StreamRecord record, CancellationToken cancellationToken)
    {
        // Nobody's cancellation but the endpoint's ends it, which is the same for all its records.
        var hasDeath = stay.HasDeath(() => records.HasDeath(cancellationToken));
        return hasDeath is { IsCompletedSuccessfully: true, Result: false } ? default : new(Find(hasDeath, stay, record, cancellationToken));
    }

    async Task<Suspect?> Find(Task<bool> hasDeath, PartitionProgress stay, StreamRecord record, CancellationToken cancellationToken)
    {
        if (!await hasDeath.WaitAsync(cancellationToken))
            return null;

        var name = $"{record.Partition.Topic}/{record.Partition.Number}@{record.Offset}";
        return await records.Find(endpoint, name, cancellationToken) is { } suspect && (suspect.Deaths > 0 || TryTake(stay))
            ? new OfStay(suspect, stay, record.Offset)
            : null;
    }

    // The one that has ended had no more in hand than this over all its partitions. What it had in work beyond, because it had finished
    // others that it did not
    // acknowledge any more, is found after another death: these are acknowledged by then.
    bool TryTake(PartitionProgress stay)
    {
        lock (_lock)
        {
            if (stay.Since - _since > Round)
                (_since, _left) = (stay.Since, window);

            return _left-- > 0;
        }
    }

    /// <summary>
    /// A suspect that is none any more once it was handled, though it is read again with a transaction that was given up.
    /// </summary>
    sealed class OfStay(Suspect suspect, PartitionProgress stay, long offset) : Suspect
    {
        public override int Deaths => suspect.Deaths;

        public override Task Begin(CancellationToken cancellationToken) => suspect.Begin(cancellationToken);

        public override Task Pause() => suspect.Pause();

        public override Task Clear()
        {
            stay.Cleared[offset] = true;
            return suspect.Clear();
        }
    }
}
