using MassTransit.RetryPolicies;
using RabbitMQ.Client.Exceptions;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>
/// Tries to reach the broker every one to two seconds for as long as it takes. MassTransit's own policy waits up to 33 s between tries, does not begin anew
/// after a success, and gives an endpoint up for good on exceptions that a broker on its way back is known to cause.
/// </summary>
sealed class ReconnectPolicy : IRetryPolicy
{
    const ushort AccessRefused = 403;
    const ushort PreconditionFailed = 406;

    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    // What a person has to put right is reported once, and not tried again and again: wrong credentials, and a queue that exists with other arguments.
    public bool IsHandled(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationFailureException or OperationInterruptedException { ShutdownReason.ReplyCode: AccessRefused or PreconditionFailed })
                return false;
        }

        return true;
    }

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
