using System.Diagnostics;

namespace Maestro.Bus.Messaging;

/// <summary>Handles messages that say the same once.</summary>
sealed partial class IdempotentConsumer(
    IIdempotencyStore store, IdempotencySettings settings, BusSettings bus, IdempotencyMetrics metrics, TimeProvider time,
    ILogger<IdempotentConsumer> logger)
{
    const string Replayed = "Replay";

    public async Task Handle<T>(ConsumeContext<T> context, CriticalFields fields, string scope, IPipe<ConsumeContext<T>> next)
        where T : class
    {
        var key = IdempotencyKey.Of(
            scope,
            context.TenantId() ?? bus.DefaultTenant,
            typeof(T).Name,
            fields.Hash(context.Message),
            context.SentTime is { } sent ? new DateTimeOffset(sent.ToUniversalTime()) : time.GetUtcNow(),
            settings.Window);
        var run = new IdempotentRun(key, settings.Retention);
        var answer = await store.Claim(key, run.Id, settings.Lease, context.CancellationToken);

        if (answer.Claim == ClaimState.Done)
        {
            await Replay(context, answer.Results!);
            return;
        }

        if (answer.Claim == ClaimState.Busy)
        {
            metrics.Waited();
            throw new PostponedException(
                "A message that says the same is being handled.", settings.RetryInterval * (0.5 + Random.Shared.NextDouble()));
        }

        if (answer.Claim == ClaimState.TakenOver)
            TakenOver(key.Text, settings.Lease);

        context.AddOrUpdatePayload(() => run, _ => run);
        await Handle(context, run, next);
    }

    async Task Handle<T>(ConsumeContext<T> context, IdempotentRun run, IPipe<ConsumeContext<T>> next)
        where T : class
    {
        try
        {
            await using (new Renewal(store, run, settings.Lease, time))
                await next.Send(context);
        }
        catch
        {
            await Release(run);
            throw;
        }

        if (!run.IsCompleted && !await store.Complete(run.Key, run.Id, run.Results, run.Retention, CancellationToken.None))
            Lost(run.Key.Text);

        metrics.Ran();
    }

    async Task Replay<T>(ConsumeContext<T> context, byte[] results)
        where T : class
    {
        var begun = Stopwatch.GetTimestamp();

        if (context.ResponseAddress is not null)
        {
            var requester = await context.GetSendEndpoint(context.ResponseAddress);
            foreach (var (number, result) in IdempotentResult.Read(results).Index())
                await result.Send(requester, context, DeterministicId.Of($"{context.MessageId} {number}"), context.CancellationToken);
        }

        metrics.Replayed();
        if (context.TryGetPayload(out IAttemptAnswers? answers))
            answers.Answered(isNew: false);
        await context.NotifyConsumed(context, Stopwatch.GetElapsedTime(begun), Replayed);
    }

    async Task Release(IdempotentRun run)
    {
        try
        {
            await store.Release(run.Key, run.Id, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The consumer's own failure is what counts; the claim ends with its lease.
            NotReleased(exception, run.Key.Text, settings.Lease);
        }
    }

    [LoggerMessage(40, LogLevel.Information, "{Key} was claimed by a run that has not ended within {Lease}; it is handled again")]
    partial void TakenOver(string key, TimeSpan lease);

    [LoggerMessage(41, LogLevel.Warning,
        "{Key} was handled, but another run had taken it over meanwhile: its effects may have been made twice. Raise "
            + "Bus:Idempotency:Lease, or give the domain a database")]
    partial void Lost(string key);

    [LoggerMessage(42, LogLevel.Warning, "The claim on {Key} could not be released. It ends after {Lease}")]
    partial void NotReleased(Exception exception, string key, TimeSpan lease);

    /// <summary>Keeps a claim alive while its run lasts.</summary>
    sealed class Renewal : IAsyncDisposable
    {
        readonly CancellationTokenSource _over = new();
        readonly Task _renewing;

        public Renewal(IIdempotencyStore store, IdempotentRun run, TimeSpan lease, TimeProvider time) =>
            _renewing = Renew(store, run, lease, time);

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _renewing;
            _over.Dispose();
        }

        async Task Renew(IIdempotencyStore store, IdempotentRun run, TimeSpan lease, TimeProvider time)
        {
            using var timer = new PeriodicTimer(lease / 3, time);

            try
            {
                while (await timer.WaitForNextTickAsync(_over.Token))
                    await store.Renew(run.Key, run.Id, lease, _over.Token);
            }
            catch (OperationCanceledException)
            {
                // The run is over.
            }
            catch (Exception)
            {
                // A store that does not answer now may later: the claim's end tells whether it was taken over.
            }
        }
    }
}
