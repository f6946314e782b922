using System.Buffers.Binary;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Brings messages to the receivers of this process. A message for a queue whose receiver has room is written as locked and handed over
/// without being read back; everything else is read from the file. Used on the writer's thread, within its transactions.
/// </summary>
sealed class Dispatcher(DeliveryTable table, SuspectTable suspects, Topology topology, PartitionedFetch partitions, Clock clock, long owner)
{
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    readonly List<BrokerQueue> _dirty = [];
    readonly List<(Receiver Receiver, Message Message)> _locked = [];
    readonly List<(Receiver Receiver, Message Message)> _settled = [];
    readonly List<Receiver> _opened = [];
    readonly List<Receiver> _closed = [];
    long _locks;

    /// <summary>The queue is looked at before the transaction ends.</summary>
    public void Mark(BrokerQueue queue, bool mayHaveReady = true)
    {
        queue.MayHaveReady |= mayHaveReady;
        if (queue.IsDirty || queue.Receivers.Count == 0)
            return;

        queue.IsDirty = true;
        _dirty.Add(queue);
    }

    /// <summary>Another process has written: any queue may have something to deliver.</summary>
    public void MarkAll()
    {
        foreach (var queue in topology.Queues)
            Mark(queue);
    }

    /// <summary>Writes a message to its queues.</summary>
    /// <returns>When it is due, if that is later.</returns>
    public long? Enqueue(Message message, IReadOnlyList<BrokerQueue> queues, TimeSpan? delay)
    {
        if (queues.Count == 0)
            return null;

        var now = clock.Now;
        var due = delay > TimeSpan.Zero ? now + Clock.Of(delay.Value) : (long?)null;
        var id = table.InsertMessage(message, queues.Count, due);
        message.Deliveries = queues.Count;

        for (var i = 0; i < queues.Count; i++)
        {
            var queue = queues[i];
            if (due is not null)
                table.Insert(queue, message, id, DeliveryTable.Delayed, now, due, owner: null);
            else if (!queue.MayHaveReady && queue.NextWithRoom() is { Mode: SqlReceiveMode.Normal } receiver)
                HandOver(i == 0 ? message : message.Copy(), id, queue, receiver, now);
            else
            {
                table.Insert(queue, message, id, DeliveryTable.Ready, now, due: null, owner: null);
                Mark(queue);
            }
        }

        return due;
    }

    /// <summary>The consumer has handled the message.</summary>
    public void Complete(Receiver receiver, Message message)
    {
        if (!Settle(receiver, message))
            return;

        table.Delete(message, owner);
        receiver.Queue.Counters.CountCompletion();
    }

    /// <summary>Unlocks the message, for now or for later.</summary>
    /// <returns>When it is due, if that is later.</returns>
    public long? Unlock(Receiver receiver, Message message, TimeSpan delay, string? headers, int deliveryCount)
    {
        if (!Settle(receiver, message))
            return null;

        if (delay <= TimeSpan.Zero)
        {
            table.Place(message, owner, receiver.Queue, due: null, headers, deliveryCount, message.Expires);
            Mark(receiver.Queue);
            return null;
        }

        var now = clock.Now;
        var due = now + Clock.Of(delay);
        if (receiver.IsOrdered)
            table.Place(message, owner, receiver.Queue, due, headers, deliveryCount, message.Expires, now);
        else
            table.PlaceBehind(message, owner, receiver.Queue, due, headers, deliveryCount, message.Expires, now);

        return due;
    }

    /// <summary>Moves the message to another queue, where it stays until somebody takes it from there.</summary>
    public bool Move(Receiver receiver, Message message, BrokerQueue destination, string? headers)
    {
        if (!Settle(receiver, message))
            return false;

        var moved = table.Place(message, owner, destination, due: null, headers, deliveryCount: 0, expires: null);
        receiver.Queue.Counters.CountDeadLetter();
        Mark(destination);
        return moved;
    }

    /// <summary>The dead letters of a queue.</summary>
    public BrokerQueue DeadLettersOf(string queue) =>
        topology.Find(DeadLetters.QueueOf(queue))
            ?? topology.DeclareQueue(DeadLetters.QueueOf(queue), topology.Find(queue)?.AutoDeleteSeconds, maxDeliveryCount: null);

    public void Open(Receiver receiver)
    {
        receiver.Queue.Receivers.Add(receiver);
        _opened.Add(receiver);
        Mark(receiver.Queue);
    }

    /// <summary>
    /// The receiver's endpoint has stopped: what it has not worked on goes back to its place at once, as if it had never been taken.
    /// </summary>
    public void Close(Receiver receiver)
    {
        foreach (var message in receiver.Held.Values)
            Unlock(receiver, message, TimeSpan.Zero, message.TransportHeaders, message.DeliveryCount);

        foreach (var (_, message) in _locked.Where(change => change.Receiver == receiver))
            table.Place(message, owner, receiver.Queue, due: null, message.TransportHeaders, message.DeliveryCount, message.Expires);

        Mark(receiver.Queue);
        _locked.RemoveAll(change => change.Receiver == receiver);
        receiver.Queue.Receivers.Remove(receiver);
        _closed.Add(receiver);
    }

    /// <summary>Takes back the messages whose consumers have stopped renewing their locks.</summary>
    /// <returns>When they are due: after a moment in which other processes get their chance, for the one that has them hangs.</returns>
    public long? ReleaseExpired()
    {
        var elapsed = clock.Elapsed;
        long? due = null;

        foreach (var receiver in topology.Queues.SelectMany(queue => queue.Receivers))
        {
            foreach (var message in receiver.Held.Values.Where(message => message.LockedUntil < elapsed && !message.IsSettled))
            {
                due = Unlock(receiver, message, Moment, message.TransportHeaders, message.DeliveryCount + 1);
                receiver.Finish();
            }
        }

        return due;
    }

    /// <summary>Locks what is ready for the receivers that have room.</summary>
    public void Serve()
    {
        for (var i = 0; i < _dirty.Count; i++)
        {
            _dirty[i].IsDirty = false;
            Serve(_dirty[i]);
        }

        _dirty.Clear();
    }

    public void Committed()
    {
        foreach (var (receiver, message) in _settled)
            receiver.Held.TryRemove(KeyValuePair.Create(message.MessageDeliveryId, message));

        foreach (var receiver in _closed)
            receiver.Close();

        foreach (var (receiver, message) in _locked)
            receiver.Deliver(message);

        Clear();
    }

    public void RolledBack()
    {
        foreach (var (_, message) in _settled)
            message.IsSettled = false;

        foreach (var receiver in _closed)
            receiver.Queue.Receivers.Add(receiver);

        foreach (var receiver in _opened)
            receiver.Queue.Receivers.Remove(receiver);

        foreach (var queue in _dirty)
            queue.IsDirty = false;

        foreach (var receiver in _locked.Concat(_settled).Select(change => change.Receiver))
            receiver.Recount();

        Clear();
        _dirty.Clear();
    }

    void Clear()
    {
        _settled.Clear();
        _opened.Clear();
        _closed.Clear();
        _locked.Clear();
    }

    bool Settle(Receiver receiver, Message message)
    {
        if (message.IsSettled || !receiver.Held.ContainsKey(message.MessageDeliveryId))
            return false;

        message.IsSettled = true;
        receiver.Free();
        _settled.Add((receiver, message));

        // A partition that was full may have room now.
        Mark(receiver.Queue, mayHaveReady: receiver.Mode != SqlReceiveMode.Normal);
        return true;
    }

    void Serve(BrokerQueue queue)
    {
        while (queue.MayHaveReady && queue.NextWithRoom() is { } receiver)
        {
            var room = receiver.Room;
            var messages = receiver.Mode == SqlReceiveMode.Normal ? table.Next(queue, room) : partitions.Next(receiver, owner, room);
            if (messages.Count < room)
                queue.MayHaveReady = false;

            foreach (var message in messages)
                Lock(message, receiver);
        }
    }

    void Lock(Message message, Receiver receiver)
    {
        Number(message);
        table.Lock(message, owner);
        message.Deaths = suspects.Deaths(message);

        if (message.DeliveryCount >= receiver.Queue.MaxDeliveryCount && !DeadLetters.Holds(receiver.Queue.Name))
        {
            // Whatever process it was delivered to has refused it, or has let its lock expire, each time.
            table.Place(message, owner, DeadLettersOf(receiver.Queue.Name), due: null, DeadLetters.TooManyDeliveries(message),
                deliveryCount: 0, expires: null);
            receiver.Queue.Counters.CountDeadLetter();
            return;
        }

        Reserve(receiver, message);
    }

    void HandOver(Message message, long id, BrokerQueue queue, Receiver receiver, long now)
    {
        message.MessageDeliveryId = id;
        message.QueueId = queue.Id;
        message.QueueName = queue.Name;
        message.EnqueueTime = Clock.ToDateTime(now);
        message.IsSettled = false;
        Number(message);
        table.Insert(queue, message, id, DeliveryTable.Locked, now, due: null, owner);
        Reserve(receiver, message);
    }

    void Reserve(Receiver receiver, Message message)
    {
        receiver.Reserve();
        receiver.Queue.Counters.CountDelivery();
        _locked.Add((receiver, message));
    }

    // MassTransit takes two deliveries with one transport id for one: it holds the second until the first has ended, and forgets it then.
    // Its lock would be renewed for hours.
    void Number(Message message)
    {
        Span<byte> id = stackalloc byte[16];
        message.Lock = ++_locks;
        BinaryPrimitives.WriteInt64BigEndian(id, owner);
        BinaryPrimitives.WriteInt64BigEndian(id[8..], message.Lock);
        message.LockId = new Guid(id, bigEndian: true);
        message.TransportMessageId = message.LockId.Value;
    }
}
