namespace Maestro.Bus.Transports.Sqlite;

/// <summary>The broker in a file: what a bus of this process sends to, and receives from. Disposed of when the bus has stopped.</summary>
sealed class SqliteBroker : IWriterScope, IDisposable
{
    /// <summary>Longer work is done in pieces, between which others get their turn.</summary>
    const int PieceSize = 1000;

    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    readonly Database _database;
    readonly Clock _clock;
    readonly Writer _writer;
    readonly Owners _owners;
    readonly Topology _topology;
    readonly DeliveryTable _table;
    readonly SuspectTable _suspects;
    readonly Dispatcher _dispatcher;
    readonly DelayedMessages _delayed;
    readonly Caretaker _caretaker;
    readonly Housekeeping _housekeeping;
    readonly SizeLimit _sizeLimit;
    readonly Statement _dataVersion;
    long _knownVersion;
    int _knownChanges;
    bool _isStale;

    SqliteBroker(Database database, SqliteSettings settings, TimeProvider time, OutageLog outage, ILogger logger)
    {
        _database = database;
        _clock = new Clock(time);
        _writer = new Writer(database, this, outage, settings.BusyTimeout);
        _dataVersion = database.Prepare("PRAGMA data_version");
        _topology = new Topology(database, _clock);
        _table = new DeliveryTable(database);
        _suspects = new SuspectTable(database);
        _sizeLimit = new SizeLimit(database, settings.MaxSize);

        database.Execute("BEGIN IMMEDIATE");
        _owners = new Owners(database, _clock);
        database.Execute("COMMIT");

        _dispatcher = new Dispatcher(_table, _suspects, _topology, new PartitionedFetch(database), _clock, _owners.Id);
        _delayed = new DelayedMessages(_table, _topology, _dispatcher, _clock);
        _caretaker = new Caretaker(
            database, _table, _suspects, _topology, _dispatcher, _delayed, _owners, _clock, new ClockDrift(time), logger);
        _housekeeping = new Housekeeping(database, settings.BusyTimeout);

        database.Execute("BEGIN IMMEDIATE");
        _topology.Reload();
        _owners.Refresh();
        _caretaker.ReleaseDead();
        database.Execute("COMMIT");
    }

    /// <summary>The file's full name.</summary>
    public string Path => _database.Path;

    /// <summary>Why nothing can be written at present; none when all is well.</summary>
    public SqliteTransportException? Failure => _writer.Failure;

    /// <summary>Opens the file, or makes it.</summary>
    /// <param name="path">Its full name.</param>
    /// <param name="settings">How it is used.</param>
    /// <param name="time">The clock.</param>
    /// <param name="outage">Tells of the times in which the file cannot be written.</param>
    /// <param name="logger">Takes the other lines.</param>
    /// <exception cref="BusConfigurationException">The file cannot be used.</exception>
    public static SqliteBroker Open(string path, SqliteSettings settings, TimeProvider time, OutageLog outage, ILogger logger)
    {
        var database = BrokerFile.Open(path, settings);

        try
        {
            var broker = new SqliteBroker(database, settings, time, outage, logger);
            broker._writer.Start();
            return broker;
        }
        catch (SqliteTransportException exception)
        {
            // The host shows configuration errors as they are; a file that cannot be used is one.
            database.Dispose();
            throw new BusConfigurationException(exception.Message);
        }
    }

    public Task<long> DeclareQueue(string name, int? autoDeleteSeconds, int? maxDeliveryCount) =>
        _writer.Run(() => _topology.DeclareQueue(name, autoDeleteSeconds, maxDeliveryCount).Id);

    public Task<long> DeclareTopic(string name) => _writer.Run(() => _topology.DeclareTopic(name).Id);

    public Task<long> SubscribeTopic(string source, string destination, SqlSubscriptionType type, string? routingKey) =>
        _writer.Run(() =>
        {
            _topology.SubscribeTopic(source, destination, type, routingKey);
            return 0L;
        });

    public Task<long> SubscribeQueue(string source, string destination, SqlSubscriptionType type, string? routingKey) =>
        _writer.Run(() =>
        {
            _topology.SubscribeQueue(source, destination, type, routingKey);
            return 0L;
        });

    public Task Send(string queue, Message message, TimeSpan? delay, CancellationToken cancellationToken) =>
        Post(new SendOperation(this, queue, toTopic: false, message, delay, cancellationToken));

    public Task Publish(string topic, Message message, TimeSpan? delay, CancellationToken cancellationToken) =>
        Post(new SendOperation(this, topic, toTopic: true, message, delay, cancellationToken));

    public Task<bool> DeleteScheduled(Guid token) => _writer.Run(() => new QueueContent(_database, _table).DeleteScheduled(token));

    /// <summary>Opens a receiver on a queue, which begins to fill at once.</summary>
    public Task<Receiver> Receive(string queue, ReceiveLimits limits, SqlReceiveMode mode, int perPartition, TimeSpan lockDuration) =>
        _writer.Run(() =>
        {
            var receiver = new Receiver(_topology.Queue(queue), limits, mode, perPartition, lockDuration);
            _dispatcher.Open(receiver);
            return receiver;
        });

    /// <summary>Gives back what a receiver holds.</summary>
    public Task Close(Receiver receiver) => _writer.Run(() =>
    {
        _dispatcher.Close(receiver);
        return true;
    });

    /// <summary>What a receiver's endpoint may work on now.</summary>
    public IReadOnlyList<Message> Take(Receiver receiver, int limit)
    {
        var messages = receiver.Take(limit, _clock.Elapsed);
        foreach (var message in messages)
            message.Suspect = message.Deaths is { } deaths ? new SqliteSuspect(this, message, deaths) : null;

        return messages;
    }

    /// <summary>Notes that this process handles a suspect alone; complete when that is committed.</summary>
    public Task NoteAlone(Message message) => Duty(() => _suspects.SetOwner(message, _owners.Id));

    /// <summary>Notes that this process does not handle a suspect alone any more.</summary>
    public Task NoteNotAlone(Message message) => Duty(() => _suspects.SetOwner(message, null));

    /// <summary>Forgets that a message is a suspect.</summary>
    public void ForgetSuspect(Message message) => _writer.Post(new Duty(() => _suspects.Delete(message)));

    /// <summary>Deletes a handled message. That it is done is certain once the writer comes to it: no caller has to wait.</summary>
    public bool Complete(Receiver receiver, Guid lockId, long id)
    {
        if (Find(receiver, lockId, id) is not { } message)
            return false;

        receiver.Finish();
        _writer.Post(new CompleteOperation(_dispatcher, receiver, message));
        return true;
    }

    public async Task<bool> Unlock(Receiver receiver, Guid lockId, long id, TimeSpan delay, string? headers, bool isRefused)
    {
        if (Find(receiver, lockId, id) is not { } message)
            return false;

        // A message that is to be tried again later has been handled so far; one that was refused may be poison. A dead letter that could
        // not be taken stays what it is.
        var isDeadLetter = DeadLetters.Holds(receiver.Queue.Name);
        if (isDeadLetter)
            headers = message.TransportHeaders;
        var count = isRefused && !isDeadLetter ? message.DeliveryCount + 1 : 0;
        receiver.Finish();
        await Duty(() => _delayed.Add(_dispatcher.Unlock(receiver, message, delay, headers, count))).ConfigureAwait(false);
        return true;
    }

    public async Task<bool> MoveToDeadLetters(Receiver receiver, Guid lockId, long id, string queue, string? headers)
    {
        if (Find(receiver, lockId, id) is not { } message)
            return false;

        receiver.Finish();
        await Duty(() => _dispatcher.Move(receiver, message, _dispatcher.DeadLettersOf(queue), headers)).ConfigureAwait(false);
        return true;
    }

    public bool Renew(Receiver receiver, Guid lockId, long id, TimeSpan duration)
    {
        if (Find(receiver, lockId, id) is not { } message)
            return false;

        message.LockedUntil = _clock.Elapsed + Clock.Of(duration);
        return true;
    }

    public async Task<long> Purge(string queue)
    {
        var count = 0L;
        for (int piece; (piece = await _writer.Run(() => new QueueContent(_database, _table).Delete(_topology.Queue(queue), PieceSize))
            .ConfigureAwait(false)) > 0;)
            count += piece;

        return count;
    }

    public async Task<long> Requeue(string source, string destination, long limit)
    {
        var count = 0L;
        while (count < limit)
        {
            var piece = await _writer.Run(() =>
            {
                var queue = _topology.Queue(destination);
                _dispatcher.Mark(queue);
                return new QueueContent(_database, _table).Move(_topology.Queue(source), queue, (int)Math.Min(PieceSize, limit - count));
            }).ConfigureAwait(false);

            if (piece == 0)
                break;

            count += piece;
        }

        return count;
    }

    public Task<Dictionary<long, (QueueCounters Counters, int Receivers)>> Counters() =>
        _writer.Run(() => _topology.Queues.ToDictionary(queue => queue.Id, queue => (queue.Counters, queue.Receivers.Count)));

    public void Dispose()
    {
        _writer.Dispose();
        _owners.Leave();
        _database.Dispose();
    }

    void IWriterScope.Begun()
    {
        _sizeLimit.Begin();
        var version = _dataVersion.Value() ?? 0;
        if (_isStale)
            _topology.Reload();
        else if (version != _knownVersion)
            _topology.Refresh();
        else
            return;

        _isStale = false;
        _knownVersion = version;
        _owners.Refresh();
        _suspects.Refresh();
        _dispatcher.MarkAll();
        _delayed.Forget();
    }

    void IWriterScope.Ending()
    {
        _caretaker.Work();
        _delayed.Promote();
        _dispatcher.Serve();
    }

    void IWriterScope.Committed()
    {
        _dispatcher.Committed();
        if (_database.TotalChanges == _knownChanges)
            return;

        _knownChanges = _database.TotalChanges;
        _housekeeping.Written();
    }

    void IWriterScope.RolledBack()
    {
        _dispatcher.RolledBack();
        _delayed.RolledBack();
        _isStale = true;
    }

    TimeSpan IWriterScope.Idle()
    {
        var wait = Math.Min(_caretaker.Wait, _delayed.Wait);
        if (wait <= 0 || (_dataVersion.Value() ?? 0) != _knownVersion)
        {
            _writer.Post(new Duty(() => { }));
            return TimeSpan.Zero;
        }

        if (_housekeeping.Work(out var quiet))
            return TimeSpan.Zero;

        var sleep = TimeSpan.FromMicroseconds(wait);
        if (quiet > TimeSpan.Zero && quiet < sleep)
            sleep = quiet;
        if (_owners.HasOthers && PollInterval < sleep)
            sleep = PollInterval;

        return sleep < LongestSleep ? sleep : LongestSleep;
    }

    /// <summary>Writes a message to its queues, within a transaction.</summary>
    public void Enqueue(SendOperation send)
    {
        var queues = send.ToTopic ? _topology.Topic(send.Destination).Route(send.Message.RoutingKey) : [_topology.Queue(send.Destination)];
        _sizeLimit.Take(send.Message);
        _delayed.Add(_dispatcher.Enqueue(send.Message, queues, send.Delay));
    }

    static Message? Find(Receiver receiver, Guid lockId, long id) =>
        receiver.Held.TryGetValue(id, out var message) && message.LockId == lockId && !message.IsSettled ? message : null;

    Task Duty(Action work)
    {
        var duty = new AwaitedDuty(work);
        _writer.Post(duty);
        return duty.Task;
    }

    Task Post(SendOperation operation)
    {
        _writer.Post(operation);
        return operation.Task;
    }

}
