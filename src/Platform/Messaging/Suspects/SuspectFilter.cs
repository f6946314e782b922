using MassTransit.Middleware.Rescue;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Handles the suspects among an endpoint's messages alone, and dead-letters those that two processes have ended with, without running
/// their consumers again.
/// </summary>
sealed class SuspectFilter(
    ISuspects suspects, QueueControl control, IPipe<ExceptionReceiveContext> deadLetters, TimeProvider time, ILogger logger)
    : IFilter<ReceiveContext>
{
    readonly LineAMinute _notKnown = new(time);

    public void Probe(ProbeContext context) => context.CreateFilterScope("suspects");

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var found = suspects.Find(context);
        return found.IsCompletedSuccessfully && found.Result is null ? next.Send(context) : Send(context, next, found);
    }

    async Task Send(ReceiveContext context, IPipe<ReceiveContext> next, ValueTask<Suspect?> finding)
    {
        if (await Find(finding) is not { } suspect)
            await next.Send(context);
        else if (suspect.Deaths >= Suspect.DeathLimit)
            await Condemn(context, suspect);
        else
            await HandleAlone(context, next, suspect);
    }

    async Task<Suspect?> Find(ValueTask<Suspect?> finding)
    {
        try
        {
            return await finding;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The database is away: work goes on without it as far as it can.
            if (_notKnown.IsDue(out _))
                SuspectLog.NotKnown(logger, exception, control.Queue);

            return null;
        }
    }

    async Task HandleAlone(ReceiveContext context, IPipe<ReceiveContext> next, Suspect suspect)
    {
        SuspectLog.Alone(logger, control.Queue, suspect.Deaths, context.GetMessageId());
        var attempt = context.AddOrUpdatePayload(() => new LoneAttempt(control.Gate, suspect, logger), known => known);
        await Begin(context, attempt);

        var isHandled = false;
        try
        {
            await next.Send(context);
            isHandled = !attempt.IsGivenBack;
        }
        finally
        {
            // What was thrown this far is not the message's fault: the bus stops, or the broker is away.
            await (isHandled ? attempt.Clear() : attempt.Pause());
        }
    }

    async Task Begin(ReceiveContext context, LoneAttempt attempt)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, control.StoppingToken);

        try
        {
            await attempt.Begin(either.Token);
        }
        catch (Exception)
        {
            // The bus stops, and the message goes back to the broker as what it is.
            await attempt.Pause();
            throw;
        }
    }

    async Task Condemn(ReceiveContext context, Suspect suspect)
    {
        var cause = new ProcessEndedException();
        var now = time.GetUtcNow();
        var known = FailureHeaders.FailuresOf(context.TransportHeaders);
        var failures = known.Note(cause, now) with { Attempts = known.Attempts + ProcessEndedException.Deaths };
        context.AddOrUpdatePayload(() => failures, _ => failures);

        // Before it moves: what is sent again from the dead letters begins anew.
        await suspect.Clear();
        await deadLetters.Send(new RescueExceptionReceiveContext(context, cause));
    }
}
