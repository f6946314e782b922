namespace Maestro.Bus.Messaging;

/// <summary>
/// Puts the <see cref="IdempotencyFilter{TConsumer, TMessage}"/> before every consumer of an endpoint, outside of its transaction.
/// </summary>
sealed class IdempotencyObserver(IServiceProvider services, Idempotency idempotency, string queue) : IConsumerConfigurationObserver
{
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
        where TConsumer : class
    {
    }

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
        // An attribute that names a wrong field stops the start.
        _ = idempotency.Of(typeof(TConsumer), typeof(TMessage));
        ((IConsumerMessageConfigurator<TMessage>)configurator).UseFilter(
            new IdempotencyFilter<TConsumer, TMessage>(services, idempotency, $"{queue}:{typeof(TConsumer).FullName}"));
    }
}
