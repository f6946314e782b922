namespace Maestro.Bus.Jobs;

/// <summary>What a host does regularly beside running jobs: it shows that it lives, and looks after those whose hosts do not.</summary>
sealed partial class JobHosts(
    JobDatabase database, JobEndings endings, JobSignals signals, JobServiceSettings settings, JobMetrics metrics, TimeProvider time,
    ILogger<JobHosts> logger)
{
    const int Chunk = 1_000;

    // Another host makes them ready, and tells of it, or has died before it could.
    static readonly TimeSpan InOtherHands = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan AheadInterval = TimeSpan.FromMinutes(1);

    readonly JobSql _sql = new(database.IsPostgres);
    readonly LineAMinute _stuck = new(time);
    readonly ClockDrift _drift = new(time);
    TimeSpan _nextAhead;
    TimeSpan? _foundAhead;

    // The clock was ahead when these were delayed, by what is written at the same time. That a job is due later than that has an index.
    string Ahead => $"""
        state = 0 AND due > {_sql.Now} + {JobSql.LargestDrift} AND COALESCE(started, created) > {_sql.Now} + {JobSql.LargestDrift}
        """;

    /// <summary>Shows that a host lives.</summary>
    public Task Renew(Guid host, string name, CancellationToken cancellationToken) => database.Write(
        async session =>
        {
            await session.Execute(
                $"""
                INSERT INTO job_host (host, name, expires) VALUES (@host, @name, {_sql.Now} + @lease) ON CONFLICT (host) DO UPDATE
                    SET expires = excluded.expires
                """,
                cancellationToken, Argument.Of("host", host), Argument.Of("name", name),
                Argument.Of("lease", (long)settings.StalledAfter.TotalMilliseconds));

            // Of a clock that was ahead: the jobs of a host that has ended since would not be taken back for as long.
            await session.Execute(
                $"UPDATE job_host SET expires = {_sql.Now} + @lease WHERE expires > {_sql.Now} + 10 * @lease", cancellationToken,
                Argument.Of("lease", (long)settings.StalledAfter.TotalMilliseconds));
            return await session.Execute($"DELETE FROM job_host WHERE expires < {_sql.Now} - 3600000", cancellationToken);
        },
        cancellationToken);

    /// <summary>Says that a host has ended.</summary>
    public Task Leave(Guid host, CancellationToken cancellationToken) => database.Write(
        session => session.Execute("DELETE FROM job_host WHERE host = @host", cancellationToken, Argument.Of("host", host)),
        cancellationToken);

    /// <summary>Makes the kinds of jobs known that hosts take turns at.</summary>
    public Task Register(IEnumerable<string> types, CancellationToken cancellationToken) => database.Write(
        async session =>
        {
            await session.ExecuteEach("INSERT INTO job_type (name) VALUES (@name) ON CONFLICT (name) DO NOTHING",
                [.. types.Select(type => new[] { Argument.Of("name", type) })], cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>
    /// Takes the jobs back whose hosts show no life. They begin anew, unless that has happened too often, or they were to be cancelled.
    /// Returns how many there were.
    /// </summary>
    public async Task<int> TakeBackStalled(CancellationToken cancellationToken)
    {
        var found = await database.Read(
            session => session.Query(StalledJobs(lockRows: false), JobRow.Read, cancellationToken), cancellationToken);
        if (found.Count == 0)
            return 0;

        try
        {
            return await TakeBack(null, isReduced: false, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !JobDatabase.IsCause(exception))
        {
            // It is one of them that cannot be written: the others must not wait for it.
            var count = 0;
            foreach (var job in found)
                count += await TakeBackAlone(job, cancellationToken);
            return count;
        }
    }

    async Task<int> TakeBackAlone(JobRow job, CancellationToken cancellationToken)
    {
        try
        {
            return await TakeBack(job.Id, isReduced: false, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !JobDatabase.IsCause(exception))
        {
            NotTold(exception, job.Id, job.Type);
        }

        try
        {
            return await TakeBack(job.Id, isReduced: true, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !JobDatabase.IsCause(exception))
        {
            if (_stuck.IsDue(out var untold))
                NotTakenBack(exception, job.Id, job.Type, untold);
            return 0;
        }
    }

    async Task<int> TakeBack(Guid? only, bool isReduced, CancellationToken cancellationToken)
    {
        var ended = await database.Write(
            async session =>
            {
                var stalled = await session.Query(
                    StalledJobs(lockRows: true, only is null ? "" : "AND id = @id"), JobRow.Read, cancellationToken,
                    only is null ? [] : [Argument.Of("id", only)]);
                return await endings.End(
                    session, stalled.ConvertAll(job => Ending(job) with { IsReduced = isReduced }), cancellationToken);
            },
            cancellationToken);
        signals.Ended(ended);
        metrics.Stalled(ended.Rows);
        foreach (var job in ended.Rows)
        {
            if (job.Stage == JobStage.Faulted)
                JobLines.HasFailed(logger, job, job.Failures + job.Stalls, LogText.Clean(job.Reason));
            else if (job.Stage == JobStage.Ready)
                JobLines.IsTakenBack(logger, job);
        }

        return ended.Rows.Count;
    }

    /// <summary>Makes the jobs ready whose time has come. Returns how long it is until the next one's, if there is one.</summary>
    public async Task<TimeSpan?> MakeDueReady(CancellationToken cancellationToken)
    {
        await MakeReadyOfAhead(cancellationToken);
        var next = await UntilNext(cancellationToken);

        while (next <= TimeSpan.Zero)
        {
            var count = await MakeReady($"state = 0 AND due <= {_sql.Now}", cancellationToken);

            // Some may have become due meanwhile.
            next = await UntilNext(cancellationToken);
            if (count == 0 && next <= TimeSpan.Zero)
                return InOtherHands;
        }

        return next;
    }

    /// <summary>
    /// Which of these kinds have ready jobs, which jobs of a host are to be cancelled, and what has been changed at run time.
    /// </summary>
    public Task<JobNews> Look(Guid host, IReadOnlyList<string> types, CancellationToken cancellationToken) => database.Read(
        async session => new JobNews(
            await session.QueryEach(
                "SELECT @type WHERE EXISTS (SELECT 1 FROM job WHERE state = 1 AND type = @type)", row => row.GetString(0),
                [.. types.Select(type => new[] { Argument.Of("type", type) })], cancellationToken),
            await session.Query(
                "SELECT id, canceled FROM job WHERE state = 2 AND host = @host AND canceled IS NOT NULL",
                row => (row.GetGuid(0), row.GetString(1)), cancellationToken,
                Argument.Of("host", host)),
            await session.Query(
                "SELECT name, concurrency, global_concurrency FROM job_type",
                row => new JobLimits(row.GetString(0), (int?)JobRow.NumberOrNull(row, 1), (int?)JobRow.NumberOrNull(row, 2)),
                cancellationToken)),
        cancellationToken);

    // Jobs that were delayed by a clock that was ahead, and is put right, wait as long as they were to, from when they are found on. Their
    // times stay as they are, for it may be that the clock is behind now.
    async Task MakeReadyOfAhead(CancellationToken cancellationToken)
    {
        if (_drift.Look() < TimeSpan.Zero)
            (_nextAhead, _foundAhead) = (TimeSpan.Zero, null);

        var now = time.Monotonic();
        if (now < _nextAhead)
            return;

        var shortest = await ShortestOfAhead(cancellationToken);
        _foundAhead = shortest is null ? null : _foundAhead ?? now;
        var waited = now - (_foundAhead ?? now);
        while (shortest <= waited)
        {
            var delay = (long)waited.TotalMilliseconds;
            if (await MakeReady($"{Ahead} AND due - COALESCE(started, created) <= {delay}", cancellationToken) == 0)
                break;
            shortest = await ShortestOfAhead(cancellationToken);
        }

        _nextAhead = now + (shortest - waited is { } left && left < AheadInterval ? left : AheadInterval);
    }

    async Task<int> MakeReady(string condition, CancellationToken cancellationToken)
    {
        var types = await database.Write(
            session => session.Query(
                $"""
                UPDATE job SET state = 1 WHERE sequence IN (SELECT sequence FROM job WHERE {condition} ORDER BY due
                    LIMIT {Chunk} {_sql.SkipLocked})
                RETURNING type
                """,
                row => row.GetString(0), cancellationToken),
            cancellationToken);

        foreach (var type in types.Distinct())
            signals.Ready(type);
        return types.Count;
    }

    Task<TimeSpan?> ShortestOfAhead(CancellationToken cancellationToken) =>
        First($"SELECT min(due - COALESCE(started, created)) FROM job WHERE {Ahead}", cancellationToken);

    string StalledJobs(bool lockRows, string also = "") => $"""
        SELECT {JobRow.Columns} FROM job WHERE state = 2 {also} AND NOT EXISTS (SELECT 1 FROM job_host h WHERE h.host = job.host
            AND h.expires > {_sql.Now})
        LIMIT {Chunk} {(lockRows ? _sql.SkipLocked : "")}
        """;

    Task<TimeSpan?> UntilNext(CancellationToken cancellationToken) =>
        First($"SELECT min(due) - {_sql.Now} FROM job WHERE state = 0", cancellationToken);

    async Task<TimeSpan?> First(string query, CancellationToken cancellationToken) => await database.Read(
        async session =>
            (await session.Query(query, row => JobRow.NumberOrNull(row, 0), cancellationToken))[0] is { } milliseconds
                ? TimeSpan.FromMilliseconds(milliseconds)
                : (TimeSpan?)null,
        cancellationToken);

    JobEnding Ending(JobRow job) => new()
    {
        Job = job,
        Failures = job.Failures,
        Stalls = job.Stalls + 1,
        Stage = job.Canceled is not null ? JobStage.Canceled : job.Stalls >= settings.MaxStalls ? JobStage.Faulted : JobStage.Ready,
        Reason = job.Canceled
            ?? (job.Stalls >= settings.MaxStalls
                ? $"Its host showed no life for {settings.StalledAfter.TotalSeconds:0.#} s, {job.Stalls + 1} times."
                : "Its host showed no life."),
        Logs = [],
    };

    [LoggerMessage(24, LogLevel.Error, "The job {Job} ({Type}) is taken back from a host that shows no life, and nobody can be told of it")]
    partial void NotTold(Exception exception, Guid job, string type);

    [LoggerMessage(
        25, LogLevel.Error,
        "The job {Job} ({Type}) cannot be taken back from a host that shows no life. It is tried again. So were {Untold} more since the "
            + "last such line")]
    partial void NotTakenBack(Exception exception, Guid job, string type, int untold);
}

/// <summary>What a host has found.</summary>
sealed record JobNews(IReadOnlyList<string> Ready, IReadOnlyList<(Guid Id, string Reason)> Canceled, IReadOnlyList<JobLimits> Limits);

/// <summary>How many jobs of a kind run at a time, where it was changed at run time.</summary>
sealed record JobLimits(string Type, int? Concurrency, int? GlobalConcurrency);
