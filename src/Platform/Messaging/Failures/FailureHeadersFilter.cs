namespace Maestro.Bus.Messaging;

/// <summary>Writes what has gone wrong with a message into its dead letter's headers.</summary>
sealed class FailureHeadersFilter(TimeProvider time) : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("failureHeaders");

    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        // What could not be read has not come as far as an attempt; it has failed once all the same.
        var failures = context.TryGetPayload(out FailureRecord? known)
            ? known
            : new FailureRecord(0, null, null).Add(context.Exception, time.GetUtcNow());
        context.ExceptionHeaders.SetFailures(failures);
        return next.Send(context);
    }
}
