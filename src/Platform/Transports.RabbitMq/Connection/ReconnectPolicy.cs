using MassTransit.RetryPolicies;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Tries to reach the broker every one to two seconds for as long as it takes. MassTransit's own policy waits up to 33 s between tries,
/// does not begin anew after a success, and gives an endpoint up for good on exceptions that a broker on its way back is known to cause.
/// </summary>
sealed class ReconnectPolicy(Func<Exception, bool> isHandled) : IRetryPolicy
{
    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public bool IsHandled(Exception exception) => isHandled(exception);

    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext =>
        new PolicyContext<T>(this, context);

    public void Probe(ProbeContext context) => context.Set(new { Policy = "Reconnect", Shortest });

    sealed class PolicyContext<T>(ReconnectPolicy policy, T context) : BaseRetryPolicyContext<T>(policy, context)
        where T : class, PipeContext
    {
        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new Try<T>(policy, Context, exception, 0, cancellationToken);
    }

    sealed class Try<T>(ReconnectPolicy policy, T context, Exception exception, int count, CancellationToken cancellationToken)
        : BaseRetryContext<T>(context, exception, count, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        // Many hosts that lose a broker at the same moment do not come back at the same moment.
        public override TimeSpan? Delay => Shortest * (1 + Random.Shared.NextDouble());

        public bool CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            retryContext = new Try<T>(policy, Context, exception, RetryCount + 1, CancellationToken);
            return policy.IsHandled(exception);
        }
    }
}
