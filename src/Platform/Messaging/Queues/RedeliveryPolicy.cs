using MassTransit.RetryPolicies;

namespace MaestroBus.Messaging;

/// <summary>Feeds a queue's retry schedule to MassTransit's redelivery: a message that waits holds no consumer slot.</summary>
sealed class RedeliveryPolicy(IExceptionFilter filter, QueuePolicy policy, RetrySchedule schedule) : IRetryPolicy
{
    // A saga wraps what its steps throw.
    public bool IsHandled(Exception exception) => filter.Match(exception is EventExecutionException { InnerException: { } inner } ? inner : exception);

    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext =>
        new PolicyContext<T>(this, context);

    public void Probe(ProbeContext context) =>
        context.Set(new { Policy = policy.RetryStrategy.ToString(), policy.Attempts, policy.FirstRetryDelay, policy.MaxRetryDelay });

    sealed class PolicyContext<T>(RedeliveryPolicy owner, T context) : BaseRetryPolicyContext<T>(owner, context)
        where T : class, PipeContext
    {
        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new AttemptContext<T>(owner, Context, exception, 0, cancellationToken);
    }

    sealed class AttemptContext<T>(RedeliveryPolicy owner, T context, Exception exception, int retryCount, CancellationToken cancellationToken)
        : BaseRetryContext<T>(context, exception, retryCount, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        public override TimeSpan? Delay => owner.Schedule.DelayBefore(RetryAttempt);

        public bool CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            retryContext = new AttemptContext<T>(owner, Context, exception, RetryCount + 1, CancellationToken);
            return RetryAttempt < owner.Retries && owner.IsHandled(exception);
        }
    }

    int Retries => policy.Attempts - 1;

    RetrySchedule Schedule => schedule;
}
