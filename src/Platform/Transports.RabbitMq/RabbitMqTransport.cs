using System.Reflection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>Carries the messages on RabbitMQ, with durable queues and publisher confirms.</summary>
public sealed class RabbitMqTransport : BusTransport
{
    // A broker that has just come back may leave a request unanswered: asking again sooner than the client's 20 s brings the queue back
    // sooner.
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    RabbitMqSettings _settings = new();
    readonly DeclaredTopology _topology = new();
    readonly BrokerState _state = new();
    readonly TopologyKeeper _keeper;
    readonly DelayTopology _delays;
    TlsClient? _tls;
    ReconnectingBusFactory? _factory;
    StateClaim? _claim;

    public RabbitMqTransport()
    {
        _keeper = new TopologyKeeper(_topology, _state);
        _delays = new DelayTopology(_topology);
    }

    // The settings are there once it is used.
    StateClaim Claim => _claim ??= new StateClaim(_settings.ReplacedState);

    /// <inheritdoc />
    public override string Name => "rabbitmq";

    /// <inheritdoc />
    public override string Section => "RabbitMq";

    /// <inheritdoc />
    public override Type SettingsType => typeof(RabbitMqSettings);

    /// <inheritdoc />
    public override TransportCapabilities Capabilities =>
        TransportCapabilities.Durable | TransportCapabilities.Shared
            | (_settings.QueueType == RabbitMqQueueType.Classic ? TransportCapabilities.Priority : 0);

    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        _settings = bus.AddSettings<RabbitMqSettings>(Section);
        _tls = bus.AddTls($"{Section}:Tls", _settings.Tls, _settings.Scheme);
        if (_tls is null)
            bus.NotePlainPassword(
                "RabbitMQ", _settings.Hosts, "Use an amqps:// address, or set Bus:RabbitMq:Tls:Enabled to true");
        bus.CountDeaths();
        bus.Services.AddSingleton(services => new SuspectNotes(
            cancellationToken => _factory!.Host!.Connect("suspects", cancellationToken),
            services.GetRequiredService<ILogger<SuspectNotes>>()));
        bus.Services.AddHostedService(services => services.GetRequiredService<SuspectNotes>());
        bus.Services.AddHostedService(services => new TopologyService(
            KeeperWith(services.GetRequiredService<QueueFigures>()), new BrokerProbe(_keeper, _state, _delays.ProbeQueue), _state,
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<TopologyKeeper>>()));
        bus.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            BrokerCheck.Name, services => new BrokerCheck(_state, services.GetRequiredService<QueueControls>()),
            failureStatus: null, tags: [HealthTags.Ready, HealthTags.BrokerOf(Name)]));
    }

    TopologyKeeper KeeperWith(QueueFigures figures)
    {
        _state.Figures = figures;
        return _keeper;
    }

    /// <inheritdoc />
    public override void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure)
    {
        var delays = new DelayObserver(_delays, _topology, new MessageProperties(_settings.QueueType));
        bus.AddSendObserver(_ => delays);
        bus.AddPublishObserver(_ => delays);
        AddDelayScheduler(bus);
        bus.AddReceiveEndpointObserver(services =>
            new RefusedQueueObserver(
                services.GetRequiredService<StartFailure>(),
                services.GetService<IHostApplicationLifetime>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<RefusedQueueObserver>>()));

        bus.AddSingleton<StopObserver>();
        bus.AddBusObserver(services => services.GetRequiredService<StopObserver>());
        bus.AddReceiveObserver(services => services.GetRequiredService<StopObserver>());
        var factory = new ReconnectingBusFactory(_settings.ArgumentsOf, _settings.Nodes, _tls, _state, _keeper, (context, rabbit) =>
        {
            Claim.Use(
                context.GetService<IStateIdentity>(), cancellationToken => _factory!.Host!.Connect("state", cancellationToken));
            UseDelayScheduler(rabbit);
            rabbit.Host(_settings.Address,
                _settings.ConnectionName ?? $"{Assembly.GetEntryAssembly()?.GetName().Name}@{Environment.MachineName}", host =>
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
        });

        _factory = factory;
        bus.SetBusFactory(factory);

        // The bus is made before it is asked for its broker.
        bus.AddSingleton<IStartProbe>(_ => factory.Host!);
        bus.AddSingleton<IStartProbe>(Claim);
    }

    /// <inheritdoc />
    public override ISuspects SuspectsOf(string queue, IServiceProvider services)
    {
        if (services.GetService<IDeathRecords>() is { } records)
            return new RedeliveredSuspects(records, queue);

        var notes = services.GetRequiredService<SuspectNotes>();
        notes.IsUsed = true;
        return new BrokerSuspects(notes, queue, services.GetRequiredService<TimeProvider>());
    }

    /// <inheritdoc />
    public override ReceivedContent ContentOf(ReceiveContext context, string queue) =>
        context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) ? AmqpContent.Of(delivery, queue) : base.ContentOf(context, queue);

    /// <inheritdoc />
    public override void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy)
    {
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator rabbit)
            return;

        Claim.Add(queue);
        endpoint.ConfigureReceive(receive => receive.UseFilter(new ExpirationFilter()));
        rabbit.ConfigureChannel(channel =>
        {
            channel.UseFilter(_delays);
            if (QueueArguments.DeadLettersOf(queue) is { } deadLetters)
                channel.UseFilter(new DeadLetterQueueFilter(deadLetters, _settings.ArgumentsOf(deadLetters)));
            channel.UseFilter(new ConsumeFilter(_delays, Claim, _keeper, _state, _settings.QueueType));
        });

        foreach (var (name, value) in _settings.ArgumentsOf(queue))
            rabbit.SetQueueArgument(name, value);
    }
}
