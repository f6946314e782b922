namespace Maestro.Bus.Riders;

/// <summary>What a record's deserializer needs cannot be reached, such as a schema registry: nothing is wrong with the record.</summary>
sealed class DeserializerAwayException(Exception inner)
    : Exception($"It cannot be read now, as something that its endpoint's deserializer needs cannot be reached: {inner.Message}", inner);

/// <summary>
/// Has a record tried again, as the endpoint's policy says, that could not be read because something is away. It has no message yet that
/// the attempts of its consumers could count.
/// </summary>
sealed class RereadFilter : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("reread");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (!await GoesToRetry(context).ConfigureAwait(false))
            await next.Send(context).ConfigureAwait(false);
    }

    static async Task<bool> GoesToRetry(ExceptionReceiveContext context)
    {
        var endpoint = context.GetPayload<StreamEndpointContext>();
        if (AwayIn(context.Exception) is not { } away || endpoint.Settings.Policy is not { } policy
            || !context.TryGetPayload(out MessageRedeliveryContext? redelivery))
            return false;

        var known = FailureHeaders.FailuresOf(context.TransportHeaders);
        if (known.Attempts + 1 >= policy.Attempts)
            return false;

        var failures = new FailureRecord(
            known.Attempts + 1, known.FirstFailure ?? endpoint.Rider.Time.GetUtcNow(), FailureHeaders.Describe(away));
        try
        {
            await redelivery.ScheduleRedelivery(
                new RetrySchedule(policy, Random.Shared).DelayBefore(failures.Attempts),
                (_, copy) => copy.Headers.SetFailures(failures)).ConfigureAwait(false);
            return true;
        }
        catch (MessageTooLargeException)
        {
            // With its headers the record is too large for the retry topic: the dead letters know what to do then.
            return false;
        }
    }

    static DeserializerAwayException? AwayIn(Exception? exception)
    {
        while (exception is not null and not DeserializerAwayException)
            exception = exception.InnerException;

        return exception as DeserializerAwayException;
    }
}
