namespace Maestro.Bus.Jobs;

/// <summary>Tells the runners of this process, and the other processes on the same database, what has been committed.</summary>
sealed class JobSignals(OutboxSignals outbox, JobMetrics metrics)
{
    const int MaxAnnouncement = 7_000;

    readonly Lock _lock = new();
    readonly Wakeup _wakeup = new();
    readonly HashSet<string> _announced = new(StringComparer.Ordinal);
    IJobListener? _listener;

    /// <summary>Has somebody in this process told of everything.</summary>
    public void Connect(IJobListener? listener) => _listener = listener;

    /// <summary>Jobs of a kind are ready, or one of its slots is free.</summary>
    public void Ready(string type)
    {
        _listener?.Ready(type);
        Announce($"r{type}");
    }

    /// <summary>Jobs will be ready.</summary>
    public void Later()
    {
        _listener?.Look();
        Announce("l");
    }

    /// <summary>A running job is to end.</summary>
    public void Cancel(Guid job, string reason)
    {
        if (_listener?.Cancel(job, reason) != true)
            Announce("l");
    }

    /// <summary>Messages are in the outbox.</summary>
    public void Committed(IReadOnlyList<WaitingMessage> messages)
    {
        if (messages.Count > 0)
            outbox.Committed(messages);
    }

    /// <summary>Attempts have ended: their messages are in the outbox, and what is to be tried again may be ready.</summary>
    public void Ended(EndedJobs ended)
    {
        Committed(ended.Messages);
        metrics.Ended(ended.Rows.Concat(ended.Parents));
        foreach (var type in ended.Rows.Where(job => job.Stage == JobStage.Ready).Select(job => job.Type).Distinct())
            Ready(type);
        if (ended.Rows.Any(job => job.Stage == JobStage.Scheduled))
            Later();
    }

    /// <summary>Takes what another process has announced.</summary>
    public void Hear(string announcement)
    {
        foreach (var line in announcement.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == 'r')
                _listener?.Ready(line[1..]);
            else
                _listener?.Look();
        }
    }

    /// <summary>Something may have been missed.</summary>
    public void Missed() => _listener?.Look();

    /// <summary>Waits until there is something to tell other processes.</summary>
    public async Task<string> TakeForOthers(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_announced.Count > 0)
                {
                    var text = string.Join('\n', _announced);
                    _announced.Clear();
                    // A notification is short; who hears less looks for itself before long.
                    return text.Length <= MaxAnnouncement ? text : "l";
                }
            }

            await _wakeup.Wait(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    void Announce(string line)
    {
        lock (_lock)
            _announced.Add(line);

        _wakeup.Set();
    }
}
