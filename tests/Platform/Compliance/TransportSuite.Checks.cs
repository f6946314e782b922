using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    /// <summary>Parts of an envelope, and a value that each cannot have.</summary>
    static readonly (string Part, object Value)[] Broken =
    [
        ("messageId", "order-17"),
        ("requestId", "order-17"),
        ("correlationId", "order-17"),
        ("conversationId", "order-17"),
        ("initiatorId", "order-17"),
        ("sourceAddress", "not an address"),
        ("destinationAddress", "not an address"),
        ("responseAddress", "not an address"),
        ("faultAddress", "not an address"),
        ("expirationTime", "soon"),
        ("sentTime", "yesterday"),
        ("headers", "none"),
        ("headers", new { priority = "high" }),
        ("headers", new Dictionary<string, object> { [FailureHeaders.Attempts] = "many" }),
        ("headers", new Dictionary<string, object> { [FailureHeaders.Attempts] = -1 }),
        ("headers", new Dictionary<string, object> { [FailureHeaders.Attempts] = int.MaxValue }),
        ("headers", new Dictionary<string, object> { [MessageHeaders.RedeliveryCount] = new[] { 1 } }),
        ("headers", new Dictionary<string, object> { [TenantHeader.Name] = new { id = "acme" } }),
    ];

    /// <summary>
    /// MassTransit reads the parts of an envelope when somebody asks for them, which may be after the consumer's effects.
    /// </summary>
    [Fact]
    public async Task What_is_wrong_about_a_message_is_found_before_its_consumer_runs()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var policy = OneAtATime with { Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(20) };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(context => received.Add(context.Message.Number)));
        var letters = await DeadLettersOf(host, queue);

        for (var number = 0; number < Broken.Length; number++)
            await SendEnvelope(host, queue, number, Broken[number].Part, JsonSerializer.SerializeToNode(Broken[number].Value));
        await SendEnvelope(host, queue, 1_000, "note", "sound");

        Assert.Equal([1_000], await received.AtLeast(1));
        var kept = await letters.AtLeast(Broken.Length);
        Assert.Equal(Enumerable.Range(0, Broken.Length), kept.Select(NumberOf).Order());
        Assert.All(kept, letter =>
        {
            Assert.Contains($"{letter.Headers[MessageHeaders.Reason]}", new[] { DeadLetterReason.Invalid, DeadLetterReason.Unreadable });
            Assert.Equal("1", $"{letter.Headers[FailureHeaders.Attempts]}");
        });
        Assert.Equal([1_000], received.Items);
    }

    static int NumberOf(DeadLetter letter) => JsonElement.Parse(letter.Body).GetProperty("message").GetProperty("number").GetInt32();

    static async Task SendEnvelope(IHost host, string queue, int number, string part, JsonNode? value)
    {
        var envelope = new JsonObject
        {
            ["messageId"] = $"{NewId.NextGuid()}",
            ["messageType"] = new JsonArray(MessageUrn.ForTypeString<Work>()),
            ["message"] = new JsonObject { ["number"] = number },
            ["headers"] = new JsonObject(),
        };
        envelope[part] = value;
        await Send(
            host, queue, new Work(0), context => context.Serializer = new RawSerializer(JsonSerializer.SerializeToUtf8Bytes(envelope)));
    }
}
