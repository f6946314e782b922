using System.Text.Json.Nodes;

namespace Maestro.Bus.Messaging;

/// <summary>A queue as MassTransit has built its endpoint, read from the bus's probe.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What it is declared with; null if the transport has no arguments.</param>
/// <param name="Bindings">What leads messages to it, as <c>source -> destination</c>.</param>
/// <param name="Messages">The messages that it has consumers for, by name.</param>
sealed record DescribedQueue(string Name, JsonObject? Arguments, IReadOnlyList<string> Bindings, IReadOnlyList<DescribedMessage> Messages)
{
    /// <summary>Reads the endpoints of a bus.</summary>
    /// <param name="bus">The bus; it need not be started.</param>
    /// <param name="names">The queues to be read: a bus has a temporary one besides.</param>
    public static List<DescribedQueue> Of(IBus bus, IEnumerable<string> names)
    {
        var known = names.ToHashSet(StringComparer.Ordinal);
        var host = DescriptionJson.Of(bus.GetProbeResult().Results)["bus"]!["host"]!;
        return
        [
            .. Items(host["receiveEndpoint"])
                .Where(endpoint => known.Contains(Text(endpoint["name"])))
                .Select(Of)
                .OrderBy(queue => queue.Name, StringComparer.Ordinal),
        ];
    }

    static DescribedQueue Of(JsonNode endpoint)
    {
        var transport = endpoint["receiveTransport"];
        var filters = Items(endpoint["filters"]).ToList();
        string[] receive = [.. filters.Select(Stage)];
        var consume = filters.SelectMany(filter => Items(filter["consumePipe"]?["filters"])).ToList();
        string[] before = [.. receive, .. consume.Where(filter => !IsDispatch(filter)).Select(Stage)];
        return new DescribedQueue(
            Text(endpoint["name"]),
            transport?["queueArguments"] is JsonObject { Count: > 0 } arguments ? (JsonObject)arguments.DeepClone() : null,
            [.. BindingsIn(transport?["topology"]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [
                .. consume.Where(IsDispatch)
                    .Select(dispatch => Message(dispatch, before))
                    .OrderBy(message => message.Type, StringComparer.Ordinal),
            ]);
    }

    static DescribedMessage Message(JsonNode dispatch, string[] before)
    {
        var filters = Items(dispatch["filters"]).ToList();
        var consumers = Items(dispatch["consumer"]).Select(consumer => consumer["type"])
            .Concat(filters.Where(filter => Stage(filter) == "saga").Select(saga => saga["sagaType"] ?? saga["type"]));
        return new DescribedMessage(
            Argument(Text(dispatch["outputType"])),
            [.. consumers.OfType<JsonNode>().Select(Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. before, .. filters.Select(Stage)]);
    }

    // Transports name their kinds of bindings differently: exchange-binding, queue-subscription.
    static IEnumerable<string> BindingsIn(JsonNode? topology) =>
        (topology as JsonObject ?? [])
            .Where(part => part.Key.EndsWith("binding", StringComparison.Ordinal)
                || part.Key.EndsWith("subscription", StringComparison.Ordinal))
            .SelectMany(part => Items(part.Value))
            .Where(binding => Text(binding["source"]) != Text(binding["destination"]))
            .Select(binding => $"{Text(binding["source"])} -> {Text(binding["destination"])}");

    static bool IsDispatch(JsonNode filter) => Text(filter["filterType"]) == "dispatchPipe";

    // A filter for all messages stands in one that splits the context off.
    static string Stage(JsonNode filter) =>
        Text(filter["filterType"]) is var type && type == "split" && Items(filter["filters"]).FirstOrDefault() is { } inner
            ? Stage(inner)
            : type;

    // MassTransit.ConsumeContext<X>
    static string Argument(string type) =>
        type.IndexOf('<', StringComparison.Ordinal) is >= 0 and var at ? type[(at + 1)..^1] : type;

    static string Text(JsonNode? node) => node is JsonValue value ? value.ToString() : "";

    // The probe shows a list of one as its item.
    static IEnumerable<JsonNode> Items(JsonNode? node) => node switch
    {
        null => [],
        JsonArray items => items.OfType<JsonNode>(),
        _ => [node],
    };
}

/// <summary>A message that a queue has consumers for.</summary>
/// <param name="Type">The full name of its type.</param>
/// <param name="Consumers">The full names of what handles it.</param>
/// <param name="Stages">The stages of its pipeline, from the broker to the consumer.</param>
sealed record DescribedMessage(string Type, IReadOnlyList<string> Consumers, IReadOnlyList<string> Stages);
