namespace Maestro.Bus.Messaging;

/// <summary>What the bus gives a rider to work with.</summary>
/// <param name="Topics">The topics that the domains have declared.</param>
/// <param name="Policies">The policies of the domains' queues, which count for the topics that a domain reads, too.</param>
/// <param name="Settings">The bus's own settings.</param>
/// <param name="ConfigureSend">Prepares what the rider writes as the bus prepares what it sends.</param>
/// <param name="ConfigureEndpoint">Adds to a domain's endpoint what the domain adds to its queue, such as its database's inbox and
/// outbox.</param>
public sealed record RiderParts(
    TopicDeclarations Topics,
    QueuePolicies Policies,
    BusSettings Settings,
    Action<ISendPipeConfigurator> ConfigureSend,
    Action<BusDomain, IRegistrationContext, IReceiveEndpointConfigurator> ConfigureEndpoint);
