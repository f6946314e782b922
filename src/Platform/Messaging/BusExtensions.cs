using System.Reflection;
using MassTransit.Middleware;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace Maestro.Bus.Messaging;

/// <summary>Adds the bus to a host.</summary>
public static class BusExtensions
{
    static readonly DeadLetterQueueNames DeadLetterQueues = new();

    /// <summary>Adds the bus with every domain under <c>src/Domains</c>, on the transport that <c>Bus:Transport</c> names.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="host">The host's own assembly: its project file has stamped the names of domains and transports into it.</param>
    /// <exception cref="BusConfigurationException">Settings are wrong; the message lists all of them.</exception>
    public static IHostApplicationBuilder AddBus(this IHostApplicationBuilder builder, Assembly host)
    {
        BusEnvironmentVariables.AddTo(builder.Configuration);
        var isChecked = builder.Environment.IsDevelopment();
        builder.ConfigureContainer(
            new ListeningFirst(new ServiceProviderOptions { ValidateScopes = isChecked, ValidateOnBuild = isChecked }));
        builder.Services.AddTransient<IStartupFilter, StartingFilter>();
        AddBus(builder.Services, builder.Configuration, DomainCatalog.Of(host), TransportCatalog.Of(host), RiderCatalog.Of(host),
            ModuleCatalog.Of(host), FormerNames.Of(host));
        return builder;
    }

    /// <summary>
    /// Adds a bus of chosen domains, transports and modules, for tests and for hosts without a project file of their own.
    /// </summary>
    /// <exception cref="BusConfigurationException">Settings are wrong; the message lists all of them.</exception>
    public static IServiceCollection AddBus(
        this IServiceCollection services, IConfiguration configuration, IEnumerable<BusDomain> domains,
        IEnumerable<BusTransport> transports, params BusModule[] modules)
    {
        AddBus(services, configuration, new DomainCatalog(domains), new TransportCatalog(transports), new RiderCatalog([]),
            new ModuleCatalog(modules));
        return services;
    }

    /// <summary>Adds a bus of chosen domains, transports and riders, for tests and for hosts without a project file of their own.</summary>
    /// <exception cref="BusConfigurationException">Settings are wrong; the message lists all of them.</exception>
    public static IServiceCollection AddBus(
        this IServiceCollection services, IConfiguration configuration, IEnumerable<BusDomain> domains,
        IEnumerable<BusTransport> transports, IEnumerable<BusRider> riders)
    {
        AddBus(services, configuration, new DomainCatalog(domains), new TransportCatalog(transports), new RiderCatalog(riders),
            new ModuleCatalog([]));
        return services;
    }

    /// <summary>
    /// Registers a domain's consumers, sagas and activities with the bus, each on the domain's queue. Job consumers take no messages and
    /// have an engine of their own.
    /// </summary>
    /// <exception cref="BusConfigurationException">One of them is not public.</exception>
    public static void AddDomains(this IBusRegistrationConfigurator bus, DomainCatalog catalog)
    {
        bus.SetEndpointNameFormatter(new DomainEndpointNameFormatter(catalog));
        bus.SetInMemorySagaRepositoryProvider();

        foreach (var assembly in catalog.Assemblies)
        {
            BusParts.RefuseHidden(assembly);
            bus.AddConsumers(type => !BusParts.IsJobConsumer(type), assembly);
            bus.AddSagaStateMachines(assembly);
            bus.AddSagas(assembly);
            bus.AddActivities(assembly);
        }
    }

    /// <summary>Applies a queue's policy to its endpoint: concurrency, prefetch, retries and protection.</summary>
    public static void ApplyPolicy(this IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy, BusTransport transport) =>
        endpoint.ApplyPolicy(new QueueControl(queue, policy, TimeProvider.System), transport, TimeProvider.System);

    internal static void ApplyPolicy(
        this IReceiveEndpointConfigurator endpoint, QueueControl control, BusTransport transport, TimeProvider time)
    {
        var (queue, policy) = (control.Queue, control.Policy);
        endpoint.ConcurrentMessageLimit = policy.Concurrency;
        endpoint.PrefetchCount = policy.EffectivePrefetch;
        endpoint.CheckMessages();
        endpoint.UseFilter(new ExpiryFilter(TimeProvider.System));
        transport.ConfigureQueue(endpoint, queue, policy);
        _ = new AttemptConfigurationObserver(endpoint, control, time);
    }

    /// <summary>
    /// Has an endpoint's messages tried as often as a queue's policy says. Those that have failed go through the
    /// <see cref="MessageRedeliveryContext"/> of their pipeline, if it has one.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">What it is called among the queues of <paramref name="services"/>' <see cref="QueueControls"/>, where it can be
    /// looked at and changed like them.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="services">The host's services; none for an endpoint of no host.</param>
    public static void UseAttempts(
        this IReceiveEndpointConfigurator endpoint, string name, QueuePolicy policy, IServiceProvider? services = null)
    {
        var time = services?.GetService<TimeProvider>() ?? TimeProvider.System;
        _ = new AttemptConfigurationObserver(
            endpoint, services?.GetService<QueueControls>()?.Of(name, policy) ?? new QueueControl(name, policy, time), time);
    }

    /// <summary>
    /// Has an endpoint's messages looked at before their consumers run: one with an id, a time, an address or a header that cannot be read
    /// is dead-lettered.
    /// </summary>
    public static void CheckMessages(this IReceiveEndpointConfigurator endpoint) => endpoint.UseFilter(new MessageCheck());

    /// <summary>
    /// Has an endpoint's messages that were in work when a process ended handled alone, and those that processes end with dead-lettered
    /// without another attempt.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="suspects">Knows these messages; null where nothing does.</param>
    /// <param name="name">What the endpoint is called among the host's queues.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="deadLetter">Adds what writes a dead letter; null to drop the message.</param>
    /// <param name="services">The host's services.</param>
    public static void HandleSuspectsAlone(
        this IReceiveEndpointConfigurator endpoint, ISuspects? suspects, string name, QueuePolicy policy,
        Action<IPipeConfigurator<ExceptionReceiveContext>>? deadLetter, IServiceProvider services)
    {
        if (services.GetService<QueueControls>()?.Of(name, policy) is { } control)
            endpoint.HandleSuspectsAlone(suspects, control, deadLetter, services);
    }

    static void HandleSuspectsAlone(
        this IReceiveEndpointConfigurator endpoint, ISuspects? suspects, QueueControl control,
        Action<IPipeConfigurator<ExceptionReceiveContext>>? deadLetter, IServiceProvider services)
    {
        if (suspects is null)
            return;

        var deadLetters = deadLetter is null ? Pipe.Empty<ExceptionReceiveContext>() : Pipe.New(deadLetter);
        endpoint.ConfigureReceive(receive => receive.UseFilter(new SuspectFilter(
            suspects, control, deadLetters, services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<SuspectFilter>>())));
    }

    /// <summary>Publishes the faults of messages that are given up.</summary>
    public static void UseFaults(this IPipeConfigurator<ExceptionReceiveContext> deadLetters) => deadLetters.UseFilter(new FaultFilter());

    /// <summary>
    /// Writes what has gone wrong with a message, and why it is given up, into its dead letter's headers, and tells the log once it is
    /// there.
    /// </summary>
    /// <param name="deadLetters">What writes the dead letter.</param>
    /// <param name="name">What the line calls the queue, such as <c>topic@group</c>.</param>
    /// <param name="logger">Takes the line.</param>
    /// <param name="services">The host's services, whose metrics count the dead letter; null for an endpoint without a host.</param>
    public static void UseFailureHeaders(
        this IPipeConfigurator<ExceptionReceiveContext> deadLetters, string name, ILogger logger, IServiceProvider? services = null) =>
        deadLetters.UseFailureHeaders(name, logger, services?.GetService<MessageMetrics>());

    static void UseFailureHeaders(
        this IPipeConfigurator<ExceptionReceiveContext> deadLetters, string name, ILogger logger, MessageMetrics? metrics)
    {
        deadLetters.UseFilter(new FailureHeadersFilter(TimeProvider.System));
        deadLetters.UseFilter(new DeadLetterFilter(name, logger, metrics));
    }

    static void AddBus(IServiceCollection services, IConfiguration configuration, DomainCatalog catalog, TransportCatalog transports,
        RiderCatalog riders, ModuleCatalog modules, FormerNames? former = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(catalog);
        services.AddSingleton(modules);
        services.TryAddSingleton<Outages>();

        // Anybody may ask /health/ready as often as they like, and each check that fails would be a line. What fails is told once a minute
        // by what finds it.
        services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        services.AddSingleton<JourneyLog>();
        var deadLetters = new DeadLetterQueues();
        services.AddSingleton(deadLetters);

        var builder = new BusBuilder(services, configuration, catalog);
        builder.AddSettings<DataSettings>(DataSettings.Section);
        services.AddSingleton<DataFolder>();

        // First, as what it puts before the requests goes before what modules put there.
        HttpBounds.Add(builder);

        foreach (var domain in catalog.Domains)
            builder.AddDomain(domain);

        foreach (var module in modules.Modules)
            module.AddServices(builder);

        var idempotency = new Idempotency();
        services.AddSingleton(idempotency);
        builder.AddSettings<IdempotencySettings>("Idempotency");
        var retries = builder.AddSettings<RetrySettings>(RetrySettings.Section);
        builder.AddHttps(configuration);

        // A host whose domains keep nothing may be configured like one whose domains have a database.
        var active = riders.Active(configuration);
        var settings = builder.AddBusSettings([.. builder.Sections, .. transports.Sections, .. riders.Sections, "Database",
            .. BusEnvironmentVariables.Sections.Except(["Attempts", "DeadLetters"])]);
        var policies = builder.AddQueuePolicies(catalog, settings);
        var limits = builder.AddPublishLimits();
        var transport = transports.Choose(settings.Transport, builder.Problems);
        transport.AddServices(builder);
        transports.CheckOthers(transport, configuration, builder.Problems);
        services.AddSingleton(transport).AddSingleton(builder.Declared);

        foreach (var rider in active)
            rider.AddServices(builder);

        LoggingSettings.Check(configuration, builder.Problems);
        BusEnvironmentVariables.CheckOthers(configuration, [.. builder.Sections, .. transports.Sections, .. riders.Sections],
            builder.Problems);
        builder.Problems.ThrowIfAny();
        services.AddSingleton(builder.Settings);

        // Kubernetes kills what has not stopped after 30 s. Consumers have 20 s of it, and what stops after the bus the rest.
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = true;
            options.StopTimeout = TimeSpan.FromSeconds(23);
            options.ConsumerStopTimeout = TimeSpan.FromSeconds(20);
        });

        services.TryAddSingleton<IIdempotencyStore, MemoryIdempotencyStore>();
        services.AddSingleton<IdempotencyMetrics>();
        services.AddSingleton<IdempotentConsumer>();
        services.AddHostedService<IdempotencyCleanup>();
        services.AddSingleton<IBusCommand, DescribeCommand>();
        services.AddMetrics();
        services.AddSingleton<ProtectionMetrics>();
        services.AddSingleton<MessageMetrics>();
        services.AddSingleton<QueueFigures>();
        services.AddSingleton(provider => new QueueControls(
            policies, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ProtectionMetrics>(), retries,
            provider.GetRequiredService<ILogger<QueueControls>>(), provider.GetService<IProbeLeases>(),
            provider.GetRequiredService<MessageMetrics>()));
        services.AddHealthChecks().AddCheck<PausedQueuesCheck>(PausedQueuesCheck.Name, tags: [HealthTags.Ready, HealthTags.Tolerated]);
        ReadinessLog.Add(services);
        services.AddSingleton<IStartCheck, QueueSettingsCheck>();
        services.AddSingleton<IStartCheck>(provider =>
            new LoggingSettings(configuration, provider.GetServices<ConsoleFormatter>()));
        services.AddSingleton<StartChecks>();
        services.AddSingleton<StartFailure>();
        services.AddSingleton<BusStops>();
        services.AddSingleton<BusRestarts>();
        services.AddHostedService(provider => provider.GetRequiredService<StartChecks>());
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddDomains(catalog);
            bus.AddReceiveObserver<JourneyObserver>();
            bus.AddSendObserver<SentObserver>();
            bus.AddPublishObserver<SentObserver>();
            bus.AddBusObserver(provider => provider.GetRequiredService<BusStops>());
            bus.AddBusObserver(provider => provider.GetRequiredService<BusRestarts>());
            bus.AddReceiveEndpointObserver(provider => provider.GetRequiredService<BusRestarts>());
            bus.AddReceiveEndpointObserver(provider => provider.GetRequiredService<QueueControls>());
            bus.ConfigureHealthCheckOptions(health =>
            {
                health.Name = transport.Name;
                // MassTransit's own, which it has where there are no others.
                health.Tags.UnionWith([HealthTags.Ready, "masstransit", HealthTags.BrokerOf(transport.Name)]);
            });
            bus.AddConfigureEndpointsCallback((context, queue, endpoint) =>
            {
                var control = context.GetRequiredService<QueueControls>().OfEndpoint(queue);
                endpoint.ApplyPolicy(control, transport, context.GetRequiredService<TimeProvider>());
                endpoint.HandleSuspectsAlone(
                    transport.SuspectsOf(queue, context), control, settings.DeadLetters.Enabled ? failed => DeadLetter(failed, control)
                        : null, context);
                // After what keeps messages as they came.
                endpoint.ConfigureReceive(receive => receive.UseFilter(new TextReceiveContext.Filter(former)));
                endpoint.ConnectConsumerConfigurationObserver(new IdempotencyObserver(context, idempotency, queue));

                if (settings.DeadLetters.Enabled)
                {
                    deadLetters.Add(queue);
                    endpoint.ConfigureDeadLetter(unhandled => unhandled.UseFilter(new UnhandledMessageFilter(queue, TimeProvider.System,
                        control.Logger, control.Messages)));
                    endpoint.ConfigureError(failed => DeadLetter(failed, control));
                }
                else
                {
                    endpoint.ConfigureError(failed => failed.UseExecute(context => CountDiscarded(context, control)));
                    endpoint.ConfigureDeadLetter(unhandled => unhandled.UseExecute(context => CountDiscarded(context, control)));
                    endpoint.DiscardFaultedMessages();
                    endpoint.DiscardSkippedMessages();
                }
            });

            // After the policies: what a domain adds to its queue runs anew in each redelivery.
            builder.ApplyTo(bus);

            // Of several riders the first has the domains' topics.
            foreach (var rider in active)
                rider.Use(bus, new RiderParts(
                    rider == active[0] ? builder.Declared : new TopicDeclarations(), policies, settings,
                    send => send.UseExecute(Prepare),
                    builder.ConfigureTopicEndpoint));

            transport.Use(bus, factory =>
            {
                builder.Names.Apply(factory.MessageTopology);
                factory.SendTopology.ErrorQueueNameFormatter = DeadLetterQueues;
                factory.SendTopology.DeadLetterQueueNameFormatter = DeadLetterQueues;
                factory.ConfigureSend(send => send.UseExecute(Prepare));
                factory.ConfigurePublish(publish => publish.UseExecute(Prepare));

                foreach (var rider in active)
                    factory.ConfigurePublish(rider.ConfigurePublish);

                if (limits.IsEmpty)
                    return;

                factory.ConfigureSend(send => send.UseFilter(new PublishLimitFilter(limits)));
                factory.ConfigurePublish(publish => publish.UseFilter(new PublishLimitFilter(limits)));
            });
        });

        builder.Complete();
        QuietLoggerFactory.Add(services, keepsFaults: !settings.DeadLetters.Enabled);

        static void DeadLetter(IPipeConfigurator<ExceptionReceiveContext> failed, QueueControl control)
        {
            failed.UseFilter(new GoneBackFilter());
            failed.UseFilter(new TextReceiveContext.ReceivedFilter());
            failed.UseFailureHeaders(control.Queue, control.Logger, control.Messages);
            failed.UseFilter(new FaultFilter());
            failed.UseFilter(new ErrorTransportFilter());
        }

        static void CountDiscarded(ReceiveContext message, QueueControl control) =>
            control.Messages?.Ended(control.Queue, message, ConsumedOutcome.Discarded);

        void Prepare(SendContext message)
        {
            FailureHeaders.KeepToTheirMessage(message);
            IdempotentRun.Note(message);
            TenantHeader.Propagate(message, settings.DefaultTenant);
        }
    }
}
