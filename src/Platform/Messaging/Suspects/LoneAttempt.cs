namespace Maestro.Bus.Messaging;

/// <summary>A suspect on its way through the pipeline, alone unless its queue holds its messages back.</summary>
sealed class LoneAttempt(SuspectGate gate, Suspect suspect, ILogger logger)
{
    readonly SemaphoreSlim _turn = new(1);
    bool _isAlone;

    /// <summary>Whether the queue has given the message back before its consumer began.</summary>
    public bool IsGivenBack { get; set; }

    /// <summary>Waits until nothing else is in a consumer, and notes that the message is handled alone.</summary>
    public async Task Begin(CancellationToken cancellationToken)
    {
        await gate.EnterAlone(suspect.Deaths, cancellationToken);
        _isAlone = true;

        try
        {
            await suspect.Begin(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The message is worth more than the note. If the process ends now, this is no death that counts.
            SuspectLog.NotNoted(logger, exception);
        }
    }

    /// <summary>Waits until the queue lets the message go on. While that takes time, the process works as usual.</summary>
    public async ValueTask<Turn> Enter(QueueControl control, CancellationToken cancellationToken)
    {
        var entering = control.EnterAlone(cancellationToken);
        if (entering.IsCompleted)
            return await entering;

        await Exclusively(Pause);
        var turn = await entering;
        IsGivenBack |= turn == Turn.GiveBack;
        if (turn != Turn.GiveBack)
            await Exclusively(() => _isAlone ? Task.CompletedTask : Begin(cancellationToken));

        return turn;
    }

    /// <summary>Lets everything else go on, and keeps the suspicion.</summary>
    public Task Pause() => End(suspect.Pause);

    /// <summary>Lets everything else go on, and clears the suspicion.</summary>
    public Task Clear() => End(suspect.Clear);

    async Task End(Func<Task> note)
    {
        try
        {
            await note();
        }
        catch (Exception exception)
        {
            // Its next attempt is one of a suspect, then.
            SuspectLog.NotNoted(logger, exception);
        }

        if (!_isAlone)
            return;

        _isAlone = false;
        gate.LeaveAlone();
    }

    // A message may be one of several types at once, each with consumers of its own.
    async Task Exclusively(Func<Task> work)
    {
        await _turn.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            _turn.Release();
        }
    }
}
