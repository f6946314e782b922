namespace Maestro.Bus.Riders;

/// <summary>
/// Looks among the first records that a member reads of a partition after a process has ended: what that one had in work had not been
/// acknowledged, and is read again. Where an inbox knows what was handled, a suspect is only what the process can have had in a consumer:
/// the first of each lane that was not handled.
/// </summary>
/// <param name="records">Knows of the processes that have ended.</param>
/// <param name="endpoint">The topic and group.</param>
/// <param name="settings">How many records a member has in hand and in work at most.</param>
sealed class RecordSuspects(IDeathRecords records, string endpoint, StreamEndpointSettings settings) : ISuspects
{
    /// <summary>The lane of records without a key, which any lane takes.</summary>
    const int SharedLane = -1;

    /// <summary>Partitions that come within such a time come because of the same event.</summary>
    static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    readonly Lock _lock = new();
    DateTimeOffset _since = DateTimeOffset.MinValue;
    int _left;
    Guid? _consumer;

    public ValueTask<Suspect?> Find(ReceiveContext context) =>
        context is StreamReceiveContext { Record: { Stay.Suspects: { } suspects } record } received
        && suspects.IsAmongFirst(record, settings.Window)
            ? Find(suspects, received, context.CancellationToken)
            : default;

    ValueTask<Suspect?> Find(AssignmentSuspects suspects, StreamReceiveContext context, CancellationToken cancellationToken)
    {
        // Nobody's cancellation but the endpoint's ends it, which is the same for all its records.
        var noted = suspects.Noted(() => records.FindNoted(endpoint, cancellationToken));
        return noted is { IsCompletedSuccessfully: true, Result: null } ? default : new(Find(noted, suspects, context, cancellationToken));
    }

    async Task<Suspect?> Find(
        Task<IReadOnlyDictionary<string, int>?> asked, AssignmentSuspects suspects, StreamReceiveContext context,
        CancellationToken cancellationToken)
    {
        if (await asked.WaitAsync(cancellationToken) is not { } noted)
            return null;

        var record = context.Record;
        var name = $"{record.Partition.Topic}/{record.Partition.Number}@{record.Offset}";
        var deaths = noted.GetValueOrDefault(name);
        if (deaths == 0 && (!await MayHaveBeenInWork(suspects, context, cancellationToken) || !TryTake(suspects)))
            return null;

        var note = context.GetOrAddPayload(() => new InboxNote());
        return new OfRecord(records.Suspect(endpoint, name, deaths), () => Cleared(suspects, context, note));
    }

    // The lanes of each process are the same, and a lane has one record in work. Those before it were handled, or have failed and are in
    // no inbox: the lone attempt tells.
    async Task<bool> MayHaveBeenInWork(AssignmentSuspects suspects, StreamReceiveContext context, CancellationToken cancellationToken)
    {
        if (Consumer is not { } consumer || !HasLanes(context.Record))
            return true;

        var lane = LaneOf(context.Record);
        return !suspects.IsAllFound(lane, lane == SharedLane ? settings.Concurrency : 1)
            && !await records.IsHandled(context.MessageId, consumer, cancellationToken);
    }

    void Cleared(AssignmentSuspects suspects, StreamReceiveContext context, InboxNote note)
    {
        suspects.Clear(context.Record);
        if (note.Answer is not { } answer || answer.Message != context.MessageId)
            return;

        Consumer = answer.Consumer;
        if (answer.IsNew && HasLanes(context.Record))
            suspects.Found(LaneOf(context.Record));
    }

    // What the endpoint's one consumer is called in the inbox: known once a suspect was in it.
    Guid? Consumer
    {
        get
        {
            lock (_lock)
                return _consumer;
        }
        set
        {
            lock (_lock)
                _consumer = value;
        }
    }

    // Records that begin when they are due, batches and transactions come in no such order.
    bool HasLanes(StreamRecord record) => record.Pump is { IsOrdered: true } && settings is { HasBatches: false, Consumers: 1 };

    int LaneOf(StreamRecord record) => record.Key is { Length: > 0 } key ? Lanes.LaneOf(key, settings.Concurrency) : SharedLane;

    // The one that has ended had no more in hand than this over all its partitions. What it had in work beyond, because it had finished
    // others that it did not acknowledge any more, is found after another death: these are acknowledged by then.
    bool TryTake(AssignmentSuspects suspects)
    {
        lock (_lock)
        {
            if (suspects.Since - _since > Round)
                (_since, _left) = (suspects.Since, settings.Window);

            return _left-- > 0;
        }
    }

    /// <summary>A suspect whose record is remembered when it is cleared.</summary>
    sealed class OfRecord(Suspect suspect, Action cleared) : Suspect
    {
        public override int Deaths => suspect.Deaths;

        public override Task Begin(CancellationToken cancellationToken) => suspect.Begin(cancellationToken);

        public override Task Pause() => suspect.Pause();

        public override Task Clear()
        {
            cleared();
            return suspect.Clear();
        }
    }
}
