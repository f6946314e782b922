using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace MaestroBus.Orchestration;

/// <summary>
/// Looks for flows whose step nothing comes of: its message was lost, as when somebody deletes a queue. One host at a time does that. What
/// has been silent for <see cref="OrchestrationSettings.SilentAfter"/> is reported, as a dependency may only be away; what has been for
/// <see cref="OrchestrationSettings.FailAfter"/> fails, though its message may still wait in a queue. An answer that comes after all lets
/// the flow go on.
/// </summary>
sealed class FlowDetector(
    BusDatabase database, DatabaseOutage outage, IServiceScopeFactory scopes, OrchestrationSettings settings, SteadyClock clock,
    TimeProvider time, ILogger<FlowDetector> logger) : BackgroundService
{
    const int Most = 100;

    // Should what tells a flow be lost in its turn, it is told again.
    static readonly TimeSpan RepeatAfter = TimeSpan.FromHours(1);

    // Nobody misses it for a minute.
    readonly HostLease _lease = new(database, "silent-flows", time, TimeSpan.FromSeconds(30));
    readonly Dictionary<Guid, (long Since, long Told)> _told = [];
    long _reported;
    int _silent;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Every(_lease.Interval, _lease.TryHold, stoppingToken), Every(settings.CheckInterval, Look, stoppingToken));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_lease.IsHeld)
            return;

        try
        {
            await _lease.Release(cancellationToken);
        }
        catch (Exception exception)
        {
            // The others find out by themselves, also if there is no time left to tell them.
            Log.NotReleased(logger, exception);
        }
    }

    /// <summary>Looks once, if this host is the one that does.</summary>
    internal async Task Look(CancellationToken cancellationToken)
    {
        // By a clock that is wrong, every flow would have been silent for long.
        if (!_lease.IsHeld || !await clock.IsSteady(cancellationToken))
            return;

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await Report(context, cancellationToken);

        var now = time.GetUtcNow();
        var before = (now - settings.FailAfter).ToUnixTimeMilliseconds();
        var silent = await context.Flows.AsNoTracking()
            .Where(flow => flow.WaitingSince < before)
            .OrderBy(flow => flow.WaitingSince)
            .Select(flow => new { flow.CorrelationId, flow.TenantId, flow.Step, Since = flow.WaitingSince!.Value })
            .Take(Most)
            .ToListAsync(cancellationToken);

        foreach (var gone in _told.Keys.Except(silent.Select(flow => flow.CorrelationId)).ToList())
            _told.Remove(gone);

        var outbox = scope.ServiceProvider.GetRequiredService<IOutbox<OrchestrationDbContext>>();
        foreach (var flow in silent)
        {
            if (_told.TryGetValue(flow.CorrelationId, out var told)
                && told.Since == flow.Since
                && time.GetElapsedTime(told.Told) < RepeatAfter)
                continue;

            var since = DateTimeOffset.FromUnixTimeMilliseconds(flow.Since).ToString("u", CultureInfo.InvariantCulture);
            await outbox.Publish(
                new FlowSilent(
                    flow.CorrelationId, flow.Since,
                    $"Nothing has come of the step '{flow.Step}' since {since}, and it is not in the dead letters: its message was lost, "
                    + $"or has waited for longer than {settings.FailAfter} for a queue that is paused or a dependency that is away. If it "
                    + "waits, the flow goes on when it is handled. Otherwise start the flow again once you know what has become of "
                    + "the step."),
                publish =>
                {
                    publish.CorrelationId = flow.CorrelationId;
                    publish.SetTenantId(flow.TenantId);
                },
                cancellationToken);
            _told[flow.CorrelationId] = (flow.Since, time.GetTimestamp());
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    async Task Report(OrchestrationDbContext context, CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - settings.SilentAfter).ToUnixTimeMilliseconds();
        var flows = context.Flows.AsNoTracking().Where(flow => flow.WaitingSince < before);
        var count = await flows.CountAsync(cancellationToken);

        if (count == 0)
        {
            if (_silent > 0)
                Log.NoneSilent(logger);
        }
        else if (_silent == 0 || time.GetElapsedTime(_reported) >= RepeatAfter)
        {
            var oldest = await flows.OrderBy(flow => flow.WaitingSince)
                .Select(flow => new { flow.CorrelationId, flow.Step, Since = flow.WaitingSince!.Value })
                .FirstAsync(cancellationToken);
            Log.Silent(
                logger, count, settings.SilentAfter, oldest.CorrelationId, oldest.Step,
                DateTimeOffset.FromUnixTimeMilliseconds(oldest.Since), settings.FailAfter);
            _reported = time.GetTimestamp();
        }

        _silent = count;
    }

    Task Every(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken cancellationToken) =>
        Periodic.Run(interval, time, work, Failed, cancellationToken);

    void Failed(Exception exception)
    {
        if (!outage.Tells(exception))
            Log.NotLooked(logger, exception);
    }
}
