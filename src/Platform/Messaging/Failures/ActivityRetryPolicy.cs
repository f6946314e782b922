using MassTransit.RetryPolicies;

namespace Maestro.Bus.Messaging;

/// <summary>Feeds a queue's retry schedule to MassTransit's redelivery of a routing slip's activities.</summary>
sealed class ActivityRetryPolicy(QueueControl control) : IRetryPolicy
{
    public bool IsHandled(Exception exception) => control.Failures.IsRetried(exception, null);

    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext =>
        new PolicyContext<T>(this, context);

    public void Probe(ProbeContext context) => context.Set(new { control.Policy.Attempts });

    QueueControl Control => control;

    sealed class PolicyContext<T>(ActivityRetryPolicy owner, T context) : BaseRetryPolicyContext<T>(owner, context)
        where T : class, PipeContext
    {
        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new AttemptContext<T>(owner, Context, exception, 0, cancellationToken);
    }

    sealed class AttemptContext<T>(
        ActivityRetryPolicy owner, T context, Exception exception, int retryCount, CancellationToken cancellationToken)
        : BaseRetryContext<T>(context, exception, retryCount, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        public override TimeSpan? Delay => owner.Control.Retries.DelayAfter(owner.Control.Schedule.DelayBefore(RetryAttempt), Exception);

        public bool CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            retryContext = new AttemptContext<T>(owner, Context, exception, RetryCount + 1, CancellationToken);
            return RetryAttempt < owner.Control.Policy.Attempts && owner.IsHandled(exception);
        }
    }
}
