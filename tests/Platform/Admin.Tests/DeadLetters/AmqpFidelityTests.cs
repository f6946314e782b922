using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Maestro.Bus.Admin.Tests;

/// <summary>A message of another program, with headers of every type that AMQP has and all properties, that fails and is sent on.</summary>
public sealed class AmqpFidelityTests(RedirectTests.Rabbit rabbit) : IClassFixture<RedirectTests.Rabbit>
{
    const string Foreign = "foreign-out";
    const string Copies = "copies";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static readonly Dictionary<string, object?> Headers = new()
    {
        ["yes"] = true,
        ["no"] = false,
        ["int8"] = sbyte.MinValue,
        ["uint8"] = byte.MaxValue,
        ["int16"] = short.MinValue,
        ["uint16"] = ushort.MaxValue,
        ["int32"] = int.MinValue,
        ["uint32"] = uint.MaxValue,
        ["int64"] = long.MinValue,
        ["float"] = 1.5f,
        ["double"] = 0.1,
        ["whole-double"] = 2.0,
        ["decimal"] = 12.340m,
        ["text"] = "Gruß",
        ["empty"] = "",
        ["not-utf8"] = new byte[] { 0xff, 0x00, 0x80 },
        ["binary"] = new BinaryTableValue([0x00, 0xff]),
        ["when"] = new AmqpTimestamp(1_700_000_000),
        ["when-in-milliseconds"] = new AmqpTimestamp(1_700_000_000_123),
        ["nothing"] = null,
        ["table"] = new Dictionary<string, object?>
        {
            ["region"] = "eu",
            ["nothing"] = null,
            ["inner"] = new Dictionary<string, object?> { ["deep"] = 1, ["bytes"] = new byte[] { 0xff } },
        },
        ["list"] = new List<object?> { 1, 2L, "a", null, true, new List<object?>(), new Dictionary<string, object?> { ["x"] = 1.5f } },
        ["time"] = new List<object?> { "time", "2026-11-29" },
        ["CC"] = new List<object?> { Copies },
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("quorum", 0)]
    [InlineData("quorum", 2)]
    [InlineData("classic", 2)]
    public async Task All_headers_and_properties_come_back_after_retries_dead_letters_and_a_redirect(string queues, int retries)
    {
        using var folder = new TemporaryFolder();
        var url = await rabbit.Server.CreateVirtualHost(Cancellation);
        await using var server = await Start(url, queues, retries, folder);
        await using var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancellation);
        foreach (var queue in new[] { Foreign, Copies })
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);

        // What a consumer of this program can handle has ids that the bus understands; what has others is never given to one.
        var isKnown = retries > 0;
        var properties = Properties(isKnown);
        var body = Body(isKnown);
        await channel.BasicPublishAsync("", PoisonServer.Queue, mandatory: true, properties, body, Cancellation);
        await channel.BasicPublishAsync("", Foreign, mandatory: true, properties, body, Cancellation);
        var sent = await Take(channel, Foreign);
        await server.UntilWaiting(1);
        var letter = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        Assert.Equal(retries, Math.Max(letter.Attempts - 1, 0));

        var details = await server.Json<DeadLetterDetails>("dlq", "show", $"{letter.Id}");
        Assert.Equal(
            ("""{"region":"eu","nothing":null,"inner":{"deep":1,"bytes":"/w=="}}""", "2023-11-14T22:13:20.0000000Z", "12.340", "guest",
                "600000", $"""["{Copies}"]"""),
            (details.Headers["table"], details.Headers["when"], details.Headers["decimal"], details.Headers["Bus-Received-UserId"],
                details.Headers["Bus-Received-Expiration"], details.Headers["Bus-Received-CC"]));
        Assert.Equal(("3", "corr-17"), (details.Headers["RMQ-Priority"], isKnown ? "corr-17" : details.Headers["RMQ-CorrelationId"]));

        (await server.Run("dlq", "redirect", $"{letter.Id}", "--to", Foreign, "--create")).Succeeded();
        var received = await Take(channel, Foreign);

        Assert.Equal(Text(sent, isSent: true), Text(received, isSent: false));
        if (isKnown)
            Assert.Equal(Envelope(sent), Envelope(received));
        else
            Assert.Equal(sent.Body.ToArray(), received.Body.ToArray());
        Assert.Equal(2u, await channel.MessageCountAsync(Copies, Cancellation));
        if (retries == 0)
            Approved.Verify(await Stored(folder), "amqp-dead-letter");
    }

    /// <summary>A routing key gives way to the delay's digits on its way through the delay queues.</summary>
    [Fact]
    public async Task A_routing_key_comes_back_after_retries_and_dead_letters()
    {
        using var folder = new TemporaryFolder();
        var url = await rabbit.Server.CreateVirtualHost(Cancellation);
        await using var server = await Start(url, "quorum", 2, folder);

        await server.Send([new Poison("odd", 1)], context => context.SetRoutingKey("eu.de"));
        await server.UntilWaiting(1);

        var letter = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        var details = await server.Json<DeadLetterDetails>("dlq", "show", $"{letter.Id}");
        Assert.Equal((3, "eu.de"), (letter.Attempts, details.Headers["RMQ-RoutingKey"]));
        Assert.DoesNotContain("Bus-Routing-Key", details.Headers.Keys);
    }

    static Task<PoisonServer> Start(string url, string queues, int retries, TemporaryFolder folder) =>
        PoisonServer.Start(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = url,
            ["Bus:RabbitMq:QueueType"] = queues,
            ["Bus:Database:Path"] = folder.At("state.db"),
            ["Bus:Queues:poison:Attempts"] = $"{retries + 1}",
            ["Bus:Queues:poison:FirstRetryDelay"] = "100ms",
        });

    static BasicProperties Properties(bool isKnown) => new()
    {
        ContentType = isKnown ? "application/vnd.masstransit+json;charset=UTF-8" : "application/x-orders;version=2",
        ContentEncoding = "identity",
        DeliveryMode = DeliveryModes.Transient,
        Priority = 3,
        CorrelationId = isKnown ? "0A3F6D52-7B9C-4D0E-8F11-223344556677" : "corr-17",
        ReplyTo = "answers",
        Expiration = "600000",
        MessageId = isKnown ? "1B3F6D52-7B9C-4D0E-8F11-223344556677" : "order-17",
        Timestamp = new AmqpTimestamp(1_700_000_001),
        Type = "order.created",
        UserId = "guest",
        AppId = "shop",
        Headers = new Dictionary<string, object?>(Headers),
    };

    static byte[] Body(bool isKnown) => isKnown
        ? JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                messageId = "1b3f6d52-7b9c-4d0e-8f11-223344556677",
                messageType = new[] { MessageUrn.ForTypeString<Poison>() },
                message = new Poison("odd", 1),
                headers = new { note = "of the envelope" },
            },
            JsonSerializerOptions.Web)
        : [0, 1, 2, 0xff];

    // MassTransit writes the envelope anew for each attempt: its times, its addresses, its white space.
    static string Envelope(BasicGetResult message)
    {
        var envelope = System.Text.Json.Nodes.JsonNode.Parse(message.Body.Span)!;
        return string.Join(
            '\n', new[] { "messageId", "messageType", "message", "headers" }.Select(name => $"{name}: {envelope[name]?.ToJsonString()}"));
    }

    static Task<BasicGetResult> Take(IChannel channel, string queue) =>
        Eventually.Some(() => channel.BasicGetAsync(queue, autoAck: true, Cancellation), Limit, $"a message in {queue}", Cancellation);

    /// <summary>All headers and properties with their types; those that a broker checks or obeys are not sent again.</summary>
    static string Text(BasicGetResult message, bool isSent)
    {
        var properties = message.BasicProperties;
        var text = new StringBuilder();
        foreach (var (name, value) in properties.Headers!.OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            if (name != "x-dotnet-pub-seq-no" && !(isSent && name == "CC"))
                text.Append(name).Append(": ").AppendLine(Typed(value));
        }

        return text
            .AppendLine($"content-type: {properties.ContentType}, content-encoding: {properties.ContentEncoding}")
            .AppendLine($"delivery-mode: {properties.DeliveryMode}")
            .AppendLine($"priority: {properties.Priority}, correlation-id: {properties.CorrelationId}, reply-to: {properties.ReplyTo}")
            .AppendLine($"message-id: {properties.MessageId}, timestamp: {properties.Timestamp.UnixTime}")
            .AppendLine($"type: {properties.Type}, app-id: {properties.AppId}")
            .AppendLine($"expiration: {(isSent ? null : properties.Expiration)}, user-id: {(isSent ? null : properties.UserId)}")
            .ToString();
    }

    static string Typed(object? value) => value switch
    {
        null => "nothing",
        byte[] bytes => $"text {Convert.ToHexString(bytes)}",
        BinaryTableValue binary => $"binary {Convert.ToHexString(binary.Bytes)}",
        AmqpTimestamp timestamp => $"timestamp {timestamp.UnixTime}",
        IDictionary<string, object?> table => $"{{{Fields(table)}}}",
        IList<object?> list => $"[{string.Join(", ", list.Select(Typed))}]",
        _ => $"{value.GetType().Name} {Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)}",
    };

    static string Fields(IDictionary<string, object?> table) =>
        string.Join(", ", table.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}: {Typed(field.Value)}"));

    /// <summary>What the store has of the message beside its body; what differs from one run to the next is left out.</summary>
    static async Task<string> Stored(TemporaryFolder folder)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.At("state.db")};Mode=ReadOnly");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT metadata FROM dead_letter";
        using var metadata = JsonDocument.Parse((byte[])(await command.ExecuteScalarAsync(Cancellation))!);
        var text = new StringBuilder();
        foreach (var field in metadata.RootElement.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Object)
            {
                text.Append(field.Name).Append(": ").Append(field.Value.GetRawText()).Append('\n');
                continue;
            }

            foreach (var value in field.Value.EnumerateObject().OrderBy(value => value.Name, StringComparer.Ordinal))
                text.Append(field.Name).Append(' ').Append(value.Name).Append(": ")
                    .Append(IsOfBus(value.Name) ? "…" : value.Value.GetRawText()).Append('\n');
        }

        return text.ToString();
    }

    static bool IsOfBus(string name) =>
        name.StartsWith("MT-", StringComparison.Ordinal)
        || (name.StartsWith("Bus-", StringComparison.Ordinal) && !name.StartsWith("Bus-Received-", StringComparison.Ordinal));
}
