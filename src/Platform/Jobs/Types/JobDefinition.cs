using MassTransit.Configuration;
using MassTransit.Consumer;
using MassTransit.Middleware;
using MassTransit.RetryPolicies;
using MassTransit.Serialization;

namespace Maestro.Bus.Jobs;

/// <summary>
/// What a consumer's definition says about its jobs, as MassTransit's <see cref="JobOptions{TJob}"/>. Whatever else it configures is for
/// consumers of messages.
/// </summary>
/// <param name="Retries">When a failed job is tried again; null if the settings say.</param>
/// <param name="TypeProperties">The properties of the kind of job.</param>
/// <param name="InstanceProperties">The properties of this host as one that runs such jobs.</param>
sealed record JobDefinition(IRetryPolicy? Retries, JobPropertyCollection TypeProperties, JobPropertyCollection InstanceProperties)
{
    static readonly JobDefinition None = new(null, new JobPropertyCollection(), new JobPropertyCollection());

    /// <summary>Reads the definition of a consumer, if it has one, and lays its options over the settings.</summary>
    public static JobDefinition Apply<TConsumer, TJob>(JobSettings settings)
        where TConsumer : class, IJobConsumer<TJob>
        where TJob : class
    {
        if (Array.Find(typeof(TConsumer).Assembly.GetTypes(),
            type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(IConsumerDefinition<TConsumer>))) is not { } found)
            return None;

        var configurator = new ConsumerConfigurator<TConsumer>(
            new DelegateConsumerFactory<TConsumer>(() => throw new NotSupportedException()), new ConsumerConfigurationObservable());
        ((IConsumerDefinition<TConsumer>)Activator.CreateInstance(found)!)
            .Configure(Nothing.Of<IReceiveEndpointConfigurator>(), configurator, Nothing.Of<IRegistrationContext>());
        if (!configurator.TryGetOptions(out JobOptions<TJob> options))
            return None;

        settings.Timeout = options.JobTimeout;
        settings.CancellationTimeout = options.JobCancellationTimeout;
        settings.Concurrency = options.ConcurrentJobLimit;
        settings.GlobalConcurrency = options.GlobalConcurrentJobLimit;
        return new JobDefinition(
            options.RetryPolicy is NoRetryPolicy ? null : options.RetryPolicy, options.JobTypeProperties, options.InstanceProperties);
    }

    /// <summary>Returns the delay before the next attempt by the retry policy; null if there is to be no other.</summary>
    public TimeSpan? DelayAfter(Exception exception, int failures)
    {
        if (!Retries!.IsHandled(exception))
            return null;

        using var context = Retries.CreatePolicyContext(new Attempt());
        if (!context.CanRetry(exception, out var retry))
            return null;

        for (var failure = 1; failure < failures; failure++)
        {
            if (!retry.CanRetry(exception, out retry))
                return null;
        }

        return retry.Delay ?? TimeSpan.Zero;
    }

    sealed class Attempt : BasePipeContext;
}
