using System.Collections.Concurrent;
using System.Text.Json;

namespace Maestro.Bus.Admin.Tests;

public abstract partial class DeadLetterSuite<TPlace>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_message_that_has_failed_is_sent_on_with_the_headers_and_properties_that_it_was_sent_with(int attempts)
    {
        var settings = await place.Settings();
        settings["Bus:Queues:poison:Attempts"] = $"{attempts}";
        settings["Bus:Queues:poison:FirstRetryDelay"] = "50ms";
        await using var server = await PoisonServer.Start(settings);
        var seen = new ConcurrentQueue<Seen>();
        var reader = server.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint("seen", (_, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            server.Services.GetRequiredService<BusTransport>().ConfigureQueue(endpoint, "seen", new QueuePolicy());
            endpoint.ConfigureReceive(receive => receive.UseFilter(new Reader(seen, server.Services.GetRequiredService<BusTransport>())));
        });
        await reader.Ready.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        var (id, correlation) = (NewId.NextGuid(), NewId.NextGuid());
        foreach (var queue in new[] { PoisonServer.Queue, "seen" })
        {
            var endpoint = await server.Bus.GetSendEndpoint(new Uri($"queue:{queue}"));
            var pipe = Pipe.Execute<SendContext<Poison>>(context => Set(context, id, correlation));
            await endpoint.Send(new Poison("odd", 1), pipe, Cancellation);
        }

        await server.UntilWaiting(1);
        var letter = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        (await server.Run("dlq", "redirect", $"{letter.Id}", "--to", "seen", "--create")).Succeeded();
        await Eventually.True(
            () => Task.FromResult(seen.Count == 2), TimeSpan.FromSeconds(60), "the message and its redirected copy", Cancellation);

        Assert.Equal(attempts, letter.Attempts);
        Assert.Equal(seen.First().Headers, seen.Last().Headers);
        Assert.Equal(seen.First().Properties, seen.Last().Properties);
        Assert.Equal(seen.First().Body, seen.Last().Body);
    }

    static void Set(SendContext context, Guid id, Guid correlation)
    {
        (context.MessageId, context.CorrelationId, context.ConversationId) = (id, correlation, id);
        TypedContent.Set(context);
        var headers = context.Headers;
        headers.Set("id", id);
        headers.Set("address", new Uri("http://example.org/a"));
        headers.Set("time", new DateTime(2026, 11, 29, 12, 0, 0, DateTimeKind.Utc));
        var inner = new Dictionary<string, object> { ["deep"] = 1 };
        headers.Set("table", new Dictionary<string, object> { ["region"] = "eu", ["inner"] = inner });
    }

    sealed record Seen(string Headers, string Properties, string Body);

    sealed class Reader(ConcurrentQueue<Seen> seen, BusTransport transport) : IFilter<ReceiveContext>
    {
        // The moment and the way of a sending, which differ from one to the next.
        static readonly string[] OfSending =
            ["MT-Activity-Id", "RMQ-DeliveryTag", "RMQ-ConsumerTag", "MessageDeliveryId", "TransportMessageId"];

        public void Probe(ProbeContext context) => context.CreateFilterScope("reader");

        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            var content = transport.ContentOf(context, "seen");
            seen.Enqueue(new Seen(Text(content.Headers), Text(content.Properties), Body(context.GetBody())));
            return Task.CompletedTask;
        }

        static string Text(IReadOnlyDictionary<string, object?> values) => string.Join(
            '\n',
            values.Where(value => !OfSending.Contains(value.Key)).OrderBy(value => value.Key, StringComparer.Ordinal)
                .Select(value => $"{value.Key}: {Value(value.Value)}"));

        // A transport whose messages never leave the process has them as the sender's objects.
        static string Value(object? value) => value switch
        {
            Guid or Uri => $"\"{value}\"",
            _ => JsonSerializer.Serialize(value),
        };

        // An envelope says when and where to it was sent.
        static string Body(byte[] body)
        {
            var node = System.Text.Json.Nodes.JsonNode.Parse(body)!.AsObject();
            foreach (var name in new[] { "sentTime", "destinationAddress", "host" })
                node.Remove(name);
            if (node["headers"] is System.Text.Json.Nodes.JsonObject headers)
                headers.Remove("MT-Activity-Id");
            return node.ToJsonString();
        }
    }
}
