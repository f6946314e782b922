using MassTransit.Configuration;
using MassTransit.Consumer;
using MassTransit.Middleware;
using MassTransit.RetryPolicies;

namespace MaestroBus.Jobs;

/// <summary>What a consumer's definition says about its jobs, as MassTransit's <see cref="JobOptions{TJob}"/>. Whatever else it configures is for consumers of messages.</summary>
static class JobDefinition
{
    /// <summary>Lays the options of the consumer's definition, if it has one, over the settings. Returns its retry policy, if it has one.</summary>
    public static IRetryPolicy? Apply<TConsumer, TJob>(JobSettings settings)
        where TConsumer : class, IJobConsumer<TJob>
        where TJob : class
    {
        if (Array.Find(typeof(TConsumer).Assembly.GetTypes(), type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(IConsumerDefinition<TConsumer>))) is not { } found)
            return null;

        var configurator = new ConsumerConfigurator<TConsumer>(
            new DelegateConsumerFactory<TConsumer>(() => throw new NotSupportedException()), new ConsumerConfigurationObservable());
        ((IConsumerDefinition<TConsumer>)Activator.CreateInstance(found)!).Configure(Nothing.Of<IReceiveEndpointConfigurator>(), configurator, Nothing.Of<IRegistrationContext>());
        if (!configurator.TryGetOptions(out JobOptions<TJob> options))
            return null;

        settings.Timeout = options.JobTimeout;
        settings.CancellationTimeout = options.JobCancellationTimeout;
        settings.Concurrency = options.ConcurrentJobLimit;
        settings.GlobalConcurrency = options.GlobalConcurrentJobLimit;
        return options.RetryPolicy is NoRetryPolicy ? null : options.RetryPolicy;
    }

    /// <summary>The delay before the next attempt by a retry policy; none where there is to be no other.</summary>
    public static TimeSpan? DelayAfter(IRetryPolicy policy, Exception exception, int failures)
    {
        if (!policy.IsHandled(exception))
            return null;

        using var context = policy.CreatePolicyContext(new Attempt());
        if (!context.CanRetry(exception, out var retry))
            return null;

        for (var failure = 1; failure < failures; failure++)
            if (!retry.CanRetry(exception, out retry))
                return null;

        return retry.Delay ?? TimeSpan.Zero;
    }

    sealed class Attempt : BasePipeContext;
}
