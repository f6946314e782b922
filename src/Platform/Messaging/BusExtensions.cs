using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MaestroBus.Messaging;

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
        AddBus(builder.Services, builder.Configuration, DomainCatalog.Of(host), TransportCatalog.Of(host));
        return builder;
    }

    /// <summary>Adds a bus of chosen domains and transports, for tests and for hosts without a project file of their own.</summary>
    /// <exception cref="BusConfigurationException">Settings are wrong; the message lists all of them.</exception>
    public static IServiceCollection AddBus(
        this IServiceCollection services, IConfiguration configuration, IEnumerable<BusDomain> domains, IEnumerable<BusTransport> transports)
    {
        AddBus(services, configuration, new DomainCatalog(domains), new TransportCatalog(transports));
        return services;
    }

    /// <summary>Registers a domain's consumers, sagas and activities with the bus, each on the domain's queue.</summary>
    /// <exception cref="BusConfigurationException">One of them is not public.</exception>
    public static void AddDomains(this IBusRegistrationConfigurator bus, DomainCatalog catalog)
    {
        bus.SetEndpointNameFormatter(new DomainEndpointNameFormatter(catalog));
        bus.SetInMemorySagaRepositoryProvider();

        foreach (var assembly in catalog.Assemblies)
        {
            BusParts.RefuseHidden(assembly);
            bus.AddConsumers(assembly);
            bus.AddSagaStateMachines(assembly);
            bus.AddSagas(assembly);
            bus.AddActivities(assembly);
        }
    }

    /// <summary>Applies a queue's policy to its endpoint: concurrency, prefetch and retries.</summary>
    public static void ApplyPolicy(this IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy, BusTransport transport)
    {
        endpoint.ConcurrentMessageLimit = policy.Concurrency;
        endpoint.PrefetchCount = policy.EffectivePrefetch;
        endpoint.UseFilter(new ExpiryFilter(TimeProvider.System));
        transport.ConfigureQueue(endpoint, queue, policy);

        if (policy.Attempts == 1)
            return;

        transport.ConfigureRedelivery(endpoint, retry =>
        {
            retry.Ignore<InvalidMessageException>();
            retry.SetRetryPolicy(filter => new RedeliveryPolicy(filter, policy, new RetrySchedule(policy, Random.Shared)));
        });
    }

    static void AddBus(IServiceCollection services, IConfiguration configuration, DomainCatalog catalog, TransportCatalog transports)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(catalog);
        services.AddSingleton<JourneyLog>();

        var builder = new BusBuilder(services, configuration);

        foreach (var domain in catalog.Domains)
            builder.AddDomain(domain);

        // A host whose domains keep nothing may be configured like one whose domains have a database.
        var settings = builder.AddBusSettings([.. builder.Sections, .. transports.Sections, "Database", .. BusEnvironmentVariables.Sections.Except(["Attempts", "DeadLetters"])]);
        var policies = builder.AddQueuePolicies(catalog, settings);
        var transport = transports.Choose(settings.Transport, builder.Problems);
        transport.AddServices(builder);
        services.AddSingleton(transport);

        builder.Problems.ThrowIfAny();

        services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = true;
            options.StopTimeout = TimeSpan.FromSeconds(30);
            options.ConsumerStopTimeout = TimeSpan.FromSeconds(25);
        });

        services.AddHostedService<QueueSettingsCheck>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddDomains(catalog);
            bus.AddReceiveObserver<JourneyObserver>();
            bus.ConfigureHealthCheckOptions(health => health.Name = transport.Name);
            bus.AddConfigureEndpointsCallback((_, queue, endpoint) =>
            {
                endpoint.ApplyPolicy(queue, policies.OfEndpoint(queue), transport);

                if (settings.DeadLetters.Enabled)
                {
                    endpoint.ConfigureDeadLetter(unhandled => unhandled.UseFilter(new UnhandledMessageFilter()));
                }
                else
                {
                    endpoint.DiscardFaultedMessages();
                    endpoint.DiscardSkippedMessages();
                }
            });

            // After the policies: what a domain adds to its queue runs anew in each redelivery.
            builder.ApplyTo(bus);

            transport.Use(bus, factory =>
            {
                factory.SendTopology.ErrorQueueNameFormatter = DeadLetterQueues;
                factory.SendTopology.DeadLetterQueueNameFormatter = DeadLetterQueues;
                factory.ConfigureSend(send => send.UseExecute(message => TenantHeader.Propagate(message, settings.DefaultTenant)));
                factory.ConfigurePublish(publish => publish.UseExecute(message => TenantHeader.Propagate(message, settings.DefaultTenant)));
            });
        });

        builder.Complete();
    }
}
