namespace Maestro.Bus.Messaging;

/// <summary>
/// Has a queue's messages tried as often as its policy says. A message that has failed goes back to its queue until its delay is over, and
/// its slot is free at once.
/// </summary>
sealed class AttemptFilter<T>(QueueControl control, TimeProvider time) : IFilter<ConsumeContext<T>>
    where T : class
{
    readonly QueueMessages? _messages = control.Messages?.Of(control.Queue, MessageUrn.ForTypeString<T>());

    public void Probe(ProbeContext context) => context.CreateFilterScope("attempts");

    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        // A suspect has closed the gate before it comes here.
        if (control.Gate.IsClosed && context.TryGetPayload(out LoneAttempt? attempt))
        {
            await SendAlone(context, attempt, next);
            return;
        }

        var turn = await control.Enter(context.CancellationToken);
        if (turn == Turn.GiveBack)
        {
            await GiveBack(context, TimeSpan.Zero, null);
            return;
        }

        try
        {
            await SendBeside(context, turn, next);
        }
        finally
        {
            control.Leave();
        }
    }

    async Task SendAlone(ConsumeContext<T> context, LoneAttempt attempt, IPipe<ConsumeContext<T>> next)
    {
        var turn = await attempt.Enter(control, context.CancellationToken);
        await (turn == Turn.GiveBack ? GiveBack(context, TimeSpan.Zero, null) : Try(context, turn, next));
    }

    async Task SendBeside(ConsumeContext<T> context, Turn turn, IPipe<ConsumeContext<T>> next)
    {
        if (!await EnterGate(context, turn))
        {
            await GiveBack(context, TimeSpan.Zero, null);
            return;
        }

        try
        {
            await Try(context, turn, next);
        }
        finally
        {
            control.Gate.Leave();
        }
    }

    async ValueTask<bool> EnterGate(ConsumeContext<T> context, Turn turn)
    {
        var isIn = false;
        try
        {
            isIn = await control.EnterGate(context.RequestId is not null, context.CancellationToken);
            return isIn;
        }
        finally
        {
            if (!isIn)
                control.Breaker.ToldNothing(turn);
        }
    }

    async Task Try(ConsumeContext<T> context, Turn turn, IPipe<ConsumeContext<T>> next)
    {
        if (turn == Turn.Probe)
            context.GetOrAddPayload(() => new Probing());

        var gate = new DependencyGate(control);
        context.AddOrUpdatePayload(() => gate, _ => gate);
        var begun = _messages?.Begin() ?? 0;

        try
        {
            await Try(context, turn, gate, begun, next);
        }
        finally
        {
            gate.Leave();
            _messages?.End();
        }
    }

    async Task Try(ConsumeContext<T> context, Turn turn, DependencyGate gate, long begun, IPipe<ConsumeContext<T>> next)
    {
        using var timeout = new ProcessingTimeout(control.Policy.ProcessingTimeout, time, context.CancellationToken);
        var attempt = new Attempt<T>(context, timeout.Token);

        try
        {
            await next.Send(attempt);
        }
        catch (Exception exception) when (context.CancellationToken.IsCancellationRequested)
        {
            // The bus stops, or the broker is lost: the message is delivered again as if nothing had been, whatever its consumer makes of
            // that.
            control.Breaker.ToldNothing(turn);
            throw new OperationCanceledException(
                "The bus has stopped before the message was handled.", exception, context.CancellationToken);
        }
        catch (PostponedException postponed)
        {
            control.Breaker.ToldNothing(turn);
            await GiveBack(context, postponed.Delay, postponed);
            return;
        }
        catch (Exception exception)
        {
            var failure = timeout.IsOver ? timeout.Failure(exception) : exception;
            if (await GoesBack(context, attempt, gate, turn, begun, failure))
                return;

            await attempt.NotifyFaults(timeout.IsOver ? failure : null);
            if (failure == exception)
                throw;

            throw failure;
        }

        gate.Succeeded();
        control.Succeeded(turn);
        _messages?.Handled(begun, attempt.IsDuplicate);
    }

    async Task<bool> GoesBack(
        ConsumeContext<T> context, Attempt<T> attempt, DependencyGate gate, Turn turn, long begun, Exception exception)
    {
        var now = time.GetUtcNow();
        var (breaker, breakerTurn) = gate.Of(exception, turn);
        var (failures, outage) = Known(context, breaker, now);
        var isDown = control.Failures.IsDown(exception, attempt.Thrown);

        if (breaker != control.Breaker || !isDown)
            control.Breaker.ToldNothing(turn);

        if (!isDown)
            breaker.ToldNothing(breakerTurn);
        else if (breaker.MetDown(breakerTurn, context.MessageId, exception) && (outage?.Survived ?? 0) < control.Policy.Attempts)
        {
            await Redelivery.Send(context, control.Retries.DelayAfter(AfterOutage(breaker), exception), failures.Note(exception, now),
                outage ?? new Outage(0, now, 0), exception);
            _messages?.Failed(begun, FailedOutcome.Returned, exception);
            return true;
        }

        control.Failed(exception);
        failures = failures.Add(exception, now);

        if (failures.Attempts >= control.Policy.Attempts || !control.Failures.IsRetried(exception, attempt.Thrown))
            return GiveUp();

        var delay = control.Retries.DelayAfter(control.Schedule.DelayBefore(failures.Attempts), exception);

        try
        {
            await Redelivery.Send(context, delay, failures, isDown ? (outage ?? new Outage(0, now, 0)).Add() : null, exception);
        }
        catch (TransportException refusal) when (Redelivery.IsTooLarge(refusal))
        {
            // With what a retry adds to it, the broker will never take it: it would wait for that for ever, and others behind it.
            return GiveUp();
        }

        control.Metrics?.Retried(control.Queue, delay);
        _messages?.Failed(begun, FailedOutcome.Retried, exception);
        MessageLog.Retried(control.Logger, control.Queue, context, failures.Attempts, delay, exception);
        return true;

        bool GiveUp()
        {
            context.ReceiveContext.AddOrUpdatePayload(() => failures, _ => failures);
            MessageLog.Note(context);
            if (_messages is not null)
            {
                _messages.Failed(begun, FailedOutcome.DeadLettered, exception);
                context.ReceiveContext.AddOrUpdatePayload(() => _messages, _ => _messages);
            }

            return false;
        }
    }

    // What an outage has cost before anybody knew that it was one is given back. A message that has survived as many outages as it has
    // attempts, though, may be what brings them about.
    (FailureRecord Failures, Outage? Outage) Known(ConsumeContext<T> context, CircuitBreaker breaker, DateTimeOffset now)
    {
        var headers = FailureHeaders.Of(context);
        var (failures, outage) = (FailureHeaders.FailuresOf(headers), Outage.Of(headers));
        if (outage is null || !breaker.WasDown(outage.Since))
            return (failures, outage);

        var known = breaker.IsDown(outage.Since) ? outage with { Attempts = 0 } : new Outage(0, now, outage.Survived + 1);
        return known.Survived > control.Policy.Attempts
            ? (failures, outage)
            : (failures with { Attempts = Math.Max(0, failures.Attempts - outage.Attempts) }, known);
    }

    static Task GiveBack(ConsumeContext<T> context, TimeSpan delay, Exception? exception)
    {
        var headers = FailureHeaders.Of(context);
        return Redelivery.Send(context, delay, FailureHeaders.FailuresOf(headers), Outage.Of(headers), exception);
    }

    // Spread, so that what was in work when the dependency went away does not come back all at once.
    TimeSpan AfterOutage(CircuitBreaker breaker) => breaker == control.Breaker
        ? control.Policy.CircuitBreaker.ProbeInterval * (0.5 + Random.Shared.NextDouble())
        : breaker.TimeUntilReturn();
}
