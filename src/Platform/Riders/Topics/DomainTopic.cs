namespace Maestro.Bus.Riders;

/// <summary>A topic that a domain's consumers read.</summary>
sealed class DomainTopic
{
    readonly IReadOnlyList<ConsumedTopic> _topics;
    readonly IReadOnlyList<Type> _types;

    /// <exception cref="BusConfigurationException">The domain has no consumer of a message that it declares to read.</exception>
    public DomainTopic(BusDomain domain, string name, IReadOnlyList<ConsumedTopic> topics)
    {
        Domain = domain;
        Name = name;
        _topics = topics;
        _types = [.. topics.Select(topic => topic.MessageType).Distinct()];
        Consumers = [
            .. domain.GetType().Assembly.GetTypes().Where(type =>
                type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
                    && _types.Any(message => Consumes(type, message)))];

        if (_types.FirstOrDefault(message => !Consumers.Any(consumer => Consumes(consumer, message))) is { } unread)
            throw new BusConfigurationException(
                $"{domain.Name} declares to read {unread.Name} from the topic '{name}', but none of its consumers is an "
                    + $"IConsumer<{unread.Name}>. Write one, or leave out the declaration.");
    }

    public BusDomain Domain { get; }

    public string Name { get; }

    public IReadOnlyList<Type> Consumers { get; }

    /// <summary>Has the domain's queue no longer receive what its consumers read from the topic: they would handle it twice.</summary>
    public void LeaveBus(IBusRegistrationConfigurator bus) => bus.AddConfigureEndpointsCallback((_, queue, endpoint) =>
    {
        if (queue == Domain.Queue)
        {
            foreach (var type in _types)
                endpoint.ConfigureMessageTopology(type, false);
        }
    });

    public void Configure(IStreamFactoryConfigurator factory, string group, TopicSpecification? specification, RiderParts parts) =>
        factory.TopicEndpoint(_types.Count == 1 ? _types[0] : null, Name, group, (context, endpoint) =>
        {
            var policy = parts.Policies.Of(Domain.Queue);
            endpoint.ConcurrentMessageLimit = policy.Concurrency;
            endpoint.UseRetryTopics(policy);
            if (specification is not null)
                endpoint.CreateIfMissing(specification.Partitions, specification.Replicas, specification.Retention);
            if (_topics.Any(topic => topic.Read is not null))
                endpoint.ReadValue<object>(Read);
            parts.ConfigureEndpoint(Domain, context, endpoint);
            foreach (var consumer in Consumers)
                context.ConfigureConsumer(consumer, endpoint);
        });

    /// <summary>
    /// Reads a record as its message's declaration says. One that only says that its key is gone, or holds another message, is none.
    /// </summary>
    object? Read(StreamRecord record)
    {
        var types = RecordDeserializer.TypesOf(record);
        var declared = _types.Count == 1 ? _topics[0]
            : _topics.FirstOrDefault(topic =>
                types.Contains(MessageUrn.ForTypeString(topic.MessageType), StringComparer.OrdinalIgnoreCase));

        return declared is null || record.Value is not { } value ? null
            : declared.Read is { } read ? read(value)
            : RecordValue.FromBytes(declared.MessageType, value);
    }

    static bool Consumes(Type consumer, Type message) => consumer.IsAssignableTo(typeof(IConsumer<>).MakeGenericType(message));
}
