using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Carries the messages on RabbitMQ, with durable queues and publisher confirms.</summary>
public sealed class RabbitMqTransport : BusTransport
{
    // A broker that has just come back may leave a request unanswered: asking again sooner than the client's 20 s brings the queue back sooner.
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    RabbitMqSettings _settings = new();
    DelayTopology _delays = new(RabbitMqQueueType.Quorum);

    /// <inheritdoc />
    public override string Name => "rabbitmq";

    /// <inheritdoc />
    public override string Section => "RabbitMq";

    /// <inheritdoc />
    public override TransportCapabilities Capabilities =>
        TransportCapabilities.Durable | TransportCapabilities.Shared | (_settings.QueueType == RabbitMqQueueType.Classic ? TransportCapabilities.Priority : 0);

    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        _settings = bus.AddSettings<RabbitMqSettings>(Section);
        _delays = new DelayTopology(_settings.QueueType);
    }

    /// <inheritdoc />
    public override void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure)
    {
        var delays = new DelayObserver(_delays, new MessageProperties(_settings.QueueType));
        bus.AddSendObserver(_ => delays);
        bus.AddPublishObserver(_ => delays);
        AddDelayScheduler(bus);
        bus.AddReceiveEndpointObserver(services =>
            new RefusedQueueObserver(services.GetService<IHostApplicationLifetime>(), services.GetRequiredService<ILogger<RefusedQueueObserver>>()));

        bus.SetBusFactory(new ReconnectingBusFactory(_settings.ArgumentsOf, (context, rabbit) =>
        {
            UseDelayScheduler(rabbit);
            rabbit.Host(_settings.Address, _settings.ConnectionName ?? $"{Assembly.GetEntryAssembly()?.GetName().Name}@{Environment.MachineName}", host =>
            {
                (var username, var password) = _settings.Credentials;
                host.Username(username);
                host.Password(password);
                host.Heartbeat(_settings.Heartbeat);
                host.PublisherConfirmation = true;
                host.ContinuationTimeout(AnswerLimit);
            });

            configure(rabbit);
            rabbit.ConfigureEndpoints(context);
        }));
    }

    /// <inheritdoc />
    public override void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy)
    {
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator rabbit)
            return;

        rabbit.ConfigureChannel(channel =>
        {
            channel.UseFilter(_delays);
            if (QueueArguments.DeadLettersOf(queue) is { } deadLetters)
                channel.UseFilter(new DeadLetterQueueFilter(deadLetters, _settings.ArgumentsOf(deadLetters)));
            channel.UseFilter(new ConsumeFilter());
        });

        foreach (var (name, value) in _settings.ArgumentsOf(queue))
            rabbit.SetQueueArgument(name, value);
    }
}
