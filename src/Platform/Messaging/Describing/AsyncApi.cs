using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using MassTransit.Serialization;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Describes the bus as an AsyncAPI 3.0.0 document: a channel for each queue and topic, with the schemas of their messages
/// (https://www.asyncapi.com/docs/reference/specification/v3.0.0).
/// </summary>
sealed partial class AsyncApi(BusDescription description, TopicDeclarations topics)
{
    static readonly JsonSchemaExporterOptions Exported = new() { TreatNullObliviousAsNonNullable = true };

    readonly JsonObject _messages = [];
    readonly JsonObject _channels = [];
    readonly JsonObject _operations = [];

    /// <summary>Writes the document.</summary>
    public static JsonObject Of(BusDescription description, TopicDeclarations topics) => new AsyncApi(description, topics).Document();

    JsonObject Document()
    {
        foreach (var queue in description.Queues())
            Add("queue", queue.Name, "receive", queue.Messages.Select(message => message.Type), "application/vnd.masstransit+json");
        foreach (var topic in topics.Consumed.GroupBy(topic => topic.Topic).OrderBy(topic => topic.Key, StringComparer.Ordinal))
            Add("topic", topic.Key, "receive", topic.Select(read => TypeCache.GetShortName(read.MessageType)), "application/json");
        foreach (var topic in topics.Produced.GroupBy(topic => topic.Topic).OrderBy(topic => topic.Key, StringComparer.Ordinal))
            Add("topic", topic.Key, "send", topic.Select(written => TypeCache.GetShortName(written.MessageType)), "application/json");

        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = description.Name,
                ["version"] = Assembly.GetEntryAssembly()?.GetName().Version?.ToString(3) ?? "0.0.0",
                ["description"] = "On queues a payload is the property \"message\" of MassTransit's envelope.",
            },
            ["channels"] = _channels,
            ["operations"] = _operations,
            ["components"] = new JsonObject { ["messages"] = _messages },
        };
    }

    void Add(string kind, string address, string action, IEnumerable<string> types, string contentType)
    {
        var channel = $"{kind}.{Identifier(address)}";
        var known = _channels[channel]?["messages"] as JsonObject ?? [];
        var references = new JsonArray();

        foreach (var type in types.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var message = Message(type, contentType);
            known[message] = Reference("components/messages", message);
            references.Add(Reference($"channels/{channel}/messages", message));
        }

        _channels[channel] ??= new JsonObject { ["address"] = address, ["title"] = $"The {kind} {address}", ["messages"] = known };
        _operations[$"{action}.{channel}"] = new JsonObject
        {
            ["action"] = action,
            ["channel"] = Reference("channels", channel),
            ["messages"] = references,
        };
    }

    string Message(string type, string contentType)
    {
        var id = Identifier(contentType == "application/json" ? $"{type}.record" : type);
        if (!_messages.ContainsKey(id))
        {
            _messages[id] = new JsonObject
            {
                ["name"] = type,
                ["title"] = type[(type.LastIndexOf('.') + 1)..],
                ["contentType"] = contentType,
                ["payload"] = Schema(type),
            };
        }

        return id;
    }

    // A schema that refers to itself would have its references read from the document's root. Types that cannot be found by their names,
    // such as Fault<T>, are objects as well.
    static JsonNode Schema(string type)
    {
        var found = AppDomain.CurrentDomain.GetAssemblies()
            .Select(assembly => assembly.GetType(type))
            .FirstOrDefault(found => found is not null);
        if (found is null)
            return new JsonObject { ["type"] = "object" };

        var schema = SystemTextJsonMessageSerializer.Options.GetJsonSchemaAsNode(found, Exported);
        return schema is JsonObject && !schema.ToJsonString().Contains("\"$ref\"", StringComparison.Ordinal)
            ? schema
            : new JsonObject { ["type"] = "object" };
    }

    static JsonObject Reference(string place, string name) => new() { ["$ref"] = $"#/{place}/{name}" };

    // What the specification allows as a key of components.
    static string Identifier(string text) => Other().Replace(text, "_");

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex Other();
}
