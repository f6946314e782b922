namespace Maestro.Bus.Persistence;

/// <summary>
/// Shows every second that this process lives, and finds those that have ended without stopping: at once where the operating system
/// tells, after ten seconds
/// without a sign of life elsewhere.
/// </summary>
sealed partial class DeathRecords(DeathDatabase database, DatabaseOutage outage, TimeProvider time, ILogger<DeathRecords> logger,
    CountedDeaths? counted = null)
    : IDeathRecords, IHostedService, IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// After so long without a sign of life a process counts as dead. A message that was delivered before waits as long at most.
    /// </summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>For so long after a death, what is delivered again may have been in work then.</summary>
    static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    static readonly TimeSpan SuspectAge = TimeSpan.FromDays(7);
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    readonly string _id = NewId.NextGuid().ToString("n");
    readonly CancellationTokenSource _stopping = new();
    readonly Lock _lock = new();
    Task _showing = Task.CompletedTask;
    Task<List<KnownProcess>>? _next;
    Task _last = Task.CompletedTask;
    bool _isStarted;
    bool _isSilent;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Without anything that asks there is no use in a write every second.
        if (counted is null)
            return;

        _isStarted = true;
        await Tried(() => Look(cancellationToken));
        await Tried(() => database.ShowLife(_id, ProcessIdentity.Own, cancellationToken));
        _showing = Task.Run(() => Show(_stopping.Token), CancellationToken.None);
    }

    /// <summary>Says that this process stops. The bus has stopped already, so that nothing is in work any more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Some hosts stop twice, the second time after they have disposed of their services, and some before they have started.
        if (!_isStarted || _stopping.IsCancellationRequested)
            return;

        await _stopping.CancelAsync();
        await _showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var limit = new CancellationTokenSource(StopLimit, time);
        await Tried(() => database.Leave(_id, limit.Token));
    }

    public async Task<Suspect?> Find(string queue, string message, CancellationToken cancellationToken)
    {
        var hasDeath = await HasDeath(cancellationToken);
        var deaths = await database.Deaths(queue, message, cancellationToken);
        return hasDeath || deaths is not null ? new Noted(database, _id, queue, message, deaths ?? 0) : null;
    }

    public async Task<IReadOnlyDictionary<string, int>?> FindNoted(string queue, CancellationToken cancellationToken) =>
        await HasDeath(cancellationToken) ? await database.Deaths(queue, cancellationToken) : null;

    public Suspect Suspect(string queue, string message, int deaths) => new Noted(database, _id, queue, message, deaths);

    public Task<bool> IsHandled(Guid message, Guid consumer, CancellationToken cancellationToken) =>
        database.IsHandled(message, consumer, cancellationToken);

    public void Dispose() => _stopping.Dispose();

    async Task<bool> HasDeath(CancellationToken cancellationToken)
    {
        for (long? asked = null; ; await Task.Delay(AskAgain, time, cancellationToken))
        {
            var others = await Share().WaitAsync(cancellationToken);
            if (others.Count == 0)
                return false;

            asked ??= others[0].Now;
            if (others.All(process => process.Died is not null || process.Identity.IsAlive is not null || process.Seen > asked))
                return others.Exists(process => process.Died > process.Now - (long)Window.TotalMilliseconds);
        }
    }

    /// <summary>
    /// Looks at the other processes once for all that ask at the same time; each gets a look that has begun after it asked.
    /// </summary>
    Task<List<KnownProcess>> Share()
    {
        lock (_lock)
        {
            if (_next is { } next)
                return next;

            var before = _last;
            var look = Task.Run(async () =>
            {
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                lock (_lock)
                    _next = null;
                return await Look(_stopping.Token);
            });
            _next = look;
            _last = look;
            return look;
        }
    }

    /// <summary>Looks at the other processes, and buries the dead among them.</summary>
    async Task<List<KnownProcess>> Look(CancellationToken cancellationToken)
    {
        var others = await database.Others(_id, cancellationToken);
        for (var i = 0; i < others.Count; i++)
        {
            var process = others[i];
            var isDead = process.Died is null
                && !(process.Identity.IsAlive ?? process.Now - process.Seen < (long)Silence.TotalMilliseconds);
            if (!isDead)
                continue;

            if (await database.Bury(process, cancellationToken))
                Buried(process.Identity.Pid, process.Identity.Place);

            others[i] = process with { Died = process.Now };
        }

        return others;
    }

    async Task Show(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        for (var beat = 1; await Next(timer, cancellationToken); beat++)
        {
            await Tried(() => database.ShowLife(_id, ProcessIdentity.Own, cancellationToken));
            if (beat % 60 == 0)
                await Tried(() => database.Forget(Window, SuspectAge, cancellationToken));
        }
    }

    static async Task<bool> Next(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    async Task Tried(Func<Task> work)
    {
        try
        {
            await work();
            if (_isSilent)
                Heard();
            _isSilent = false;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception exception)
        {
            if (outage.Tells(exception))
                return;

            // One line when it begins, one when it ends.
            if (!_isSilent)
                Silent(exception);
            _isSilent = true;
        }
    }

    sealed class Noted(DeathDatabase database, string process, string queue, string message, int deaths) : Suspect
    {
        public override int Deaths => deaths;

        public override Task Begin(CancellationToken cancellationToken) => database.Begin(queue, message, process, cancellationToken);

        public override Task Pause() => deaths > 0 ? Within(limit => database.Pause(queue, message, limit)) : Clear();

        public override Task Clear() => Within(limit => database.Clear(queue, message, limit));

        static async Task Within(Func<CancellationToken, Task> work)
        {
            using var limit = new CancellationTokenSource(StopLimit);
            await work(limit.Token);
        }
    }

    [LoggerMessage(80, LogLevel.Warning, "Process {Pid} of {Place} has ended without stopping: what it had in work is handled alone")]
    partial void Buried(int pid, string place);

    [LoggerMessage(81, LogLevel.Warning, "This process cannot show in the database that it lives; it is tried again every second")]
    partial void Silent(Exception exception);

    [LoggerMessage(82, LogLevel.Information, "This process shows in the database again that it lives")]
    partial void Heard();
}
