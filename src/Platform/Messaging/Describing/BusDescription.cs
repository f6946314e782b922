using System.Reflection;
using System.Text.Json.Nodes;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Describes the bus as it is configured: its pipelines, queues with their policies and bindings, topics, and the parts that features
/// add. It uses neither broker nor database.
/// </summary>
sealed class BusDescription(
    IBus bus, BusSettings settings, BusTransport transport, DomainCatalog domains, QueuePolicies policies, TopicDeclarations topics,
    IEnumerable<IDescribedPart> parts)
{
    /// <summary>Gets the version of the engine.</summary>
    public static string Version { get; } =
        typeof(BusDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Gets the bus's name, or that of the host if it has none.</summary>
    public string Name => settings.Name is { Length: > 0 } name ? name : Assembly.GetEntryAssembly()?.GetName().Name ?? "bus";

    /// <summary>Reads the queues.</summary>
    public List<DescribedQueue> Queues() => DescribedQueue.Of(bus, policies.Endpoints);

    /// <summary>Describes all of it.</summary>
    public JsonObject Describe()
    {
        var queues = Queues();
        var pipelines = queues.SelectMany(queue => queue.Messages)
            .Select(message => string.Join(" > ", message.Stages))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var description = new JsonObject
        {
            ["bus"] = new JsonObject { ["name"] = Name, ["transport"] = transport.Name, ["engine"] = Version },
            ["pipelines"] = new JsonArray([.. pipelines.Select((stages, index) => Pipeline(index, stages.Split(" > ")))]),
            ["queues"] = new JsonArray([.. queues.Select(queue => Queue(queue, pipelines))]),
            ["topics"] = new JsonArray([.. Topics()]),
        };

        foreach (var part in parts.OrderBy(part => part.Section, StringComparer.Ordinal))
            description[part.Section] = part.Describe();

        return description;
    }

    static JsonObject Pipeline(int index, string[] stages) =>
        new() { ["pipeline"] = index + 1, ["stages"] = DescriptionJson.Of(stages) };

    JsonObject Queue(DescribedQueue queue, List<string> pipelines)
    {
        var policy = policies.Of(queue.Name);
        var described = (JsonObject)DescriptionJson.Of(policy with { Prefetch = policy.EffectivePrefetch });
        described.Remove("effectivePrefetch");
        var node = new JsonObject { ["queue"] = queue.Name };

        if (domains.Domains.FirstOrDefault(domain => domain.Queue == queue.Name) is { } owner)
            node["domain"] = owner.Name;
        if (settings.DeadLetters.Enabled)
            node["deadLetters"] = DeadLetterQueueNames.Of(queue.Name);
        node["policy"] = described;
        node["messages"] = new JsonArray(
        [
            .. queue.Messages.Select(message => new JsonObject
            {
                ["message"] = message.Type,
                ["handledBy"] = DescriptionJson.Of(message.Consumers),
                ["pipeline"] = pipelines.IndexOf(string.Join(" > ", message.Stages)) + 1,
            }),
        ]);
        node["bindings"] = DescriptionJson.Of(queue.Bindings);
        if (queue.Arguments is { } arguments)
            node["arguments"] = arguments;
        return node;
    }

    IEnumerable<JsonObject> Topics() =>
        topics.Produced.Select(topic => Topic(topic.Topic, "writes", topic.MessageType, topic.Domain))
            .Concat(topics.Consumed.Select(topic => Topic(topic.Topic, "reads", topic.MessageType, topic.Domain)))
            .OrderBy(topic => $"{topic["topic"]} {topic["message"]}", StringComparer.Ordinal);

    static JsonObject Topic(string topic, string direction, Type message, BusDomain? domain) => new()
    {
        ["topic"] = topic,
        ["domain"] = domain?.Name,
        ["direction"] = direction,
        ["message"] = TypeCache.GetShortName(message),
    };
}
