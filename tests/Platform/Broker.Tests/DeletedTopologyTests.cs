using System.Text.Json;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Maestro.Bus.Broker.Tests;

/// <summary>Queues, exchanges and bindings that a person or a policy deletes while the bus runs.</summary>
public sealed class DeletedTopologyTests(RabbitMqFixture rabbit) : IAsyncLifetime
{
    const string Exchange = "Maestro.Bus.Broker.Tests:Tick";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    string _url = "";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    string VirtualHost => _url[(_url.LastIndexOf('/') + 1)..];

    public async ValueTask InitializeAsync() => _url = await rabbit.Server.CreateVirtualHost(Cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(
        "queues/{0}/delay.quorum.100ms", "queues/{0}/delay.quorum.200ms", "queues/{0}/delay.quorum.300ms", "queues/{0}/delay.quorum.400ms")]
    [InlineData("exchanges/{0}/delay.quorum.digit-0")]
    [InlineData("exchanges/{0}/delay.quorum.digit-1", "exchanges/{0}/delay.quorum.digit-0")]
    public async Task A_retry_survives_what_is_deleted_of_the_delays(params string[] paths)
    {
        await using var host = await TickHost.Start(_url);
        await host.Publish("healthy");
        await Seen(host, "healthy", 1);
        await HasDelays();

        foreach (var path in paths)
            await Delete(path);
        await host.Publish("fail");

        await Seen(host, "fail", 4);
    }

    [Theory]
    [InlineData("queues/{0}/ticks")]
    [InlineData("exchanges/{0}/ticks")]
    [InlineData("exchanges/{0}/" + Exchange)]
    [InlineData("bindings/{0}/e/" + Exchange + "/e/ticks/~")]
    [InlineData("bindings/{0}/e/ticks/q/ticks/~")]
    public async Task What_is_published_and_sent_after_something_is_deleted_arrives(string path)
    {
        await using var host = await TickHost.Start(_url);
        await host.Publish("before");
        await Seen(host, "before", 1);

        await Delete(path);
        await host.Publish("published");
        await host.Send("ticks", "sent");

        await Seen(host, "published", 1);
        await Seen(host, "sent", 1);
        var deleted = path.Split('/') is ["queues" or "exchanges", _, var name] ? $"'{name}' has been deleted at RabbitMQ" : "";
        await Eventually.True(
            () => Task.FromResult(
                host.Lines.From(LogLevel.Warning).Append("").Any(line => line.Contains(deleted, StringComparison.Ordinal))),
            Limit, "a line about it", Cancel);
    }

    /// <summary>RabbitMQ returns nothing that another queue takes.</summary>
    [Theory]
    [InlineData("queues/{0}/ticks")]
    [InlineData("exchanges/{0}/ticks")]
    [InlineData("bindings/{0}/e/" + Exchange + "/e/ticks/~")]
    [InlineData("bindings/{0}/e/ticks/q/ticks/~")]
    public async Task An_event_that_another_queue_takes_waits_for_what_is_deleted(string path)
    {
        await using (await TickHost.Start(_url))
            await HasDelays();
        await using var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel);
        await using var channel = await Publisher(connection);
        await channel.QueueDeclareAsync("other", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueBindAsync("other", Exchange, "", cancellationToken: Cancel);

        await Delete(path);
        for (var number = 0; number < 250; number++)
            await Publish(channel, Exchange, new Tick($"event {number}"));

        await using var host = await TickHost.Start(_url);
        await Eventually.True(
            () => Task.FromResult(host.Log.Seen.Select(tick => tick.Name).Distinct().Count() == 250), Limit, "the events", Cancel);
        Assert.All(host.Log.Seen, tick => Assert.Equal("eu.de", host.Log.RoutingKeyOf(tick.Name)));
        Assert.Equal(250u, await Count("other"));
        await Eventually.True(async () => await Count("ticks-unrouted") == 0, Limit, "nothing to be left", Cancel);
    }

    [Fact]
    public async Task An_event_reaches_the_subscriber_of_its_interface_though_a_binding_is_deleted()
    {
        await using var host = await TickHost.Start(_url);
        await using var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel);
        await using var channel = await Publisher(connection);
        await host.Bus.Publish(new Stroke("first"), Cancel);
        await Seen(host, "first", 1);
        await channel.QueueDeclareAsync("other", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueBindAsync("other", "Maestro.Bus.Broker.Tests:Stroke", "", cancellationToken: Cancel);
        await host.DisposeAsync();

        await Delete("bindings/{0}/e/Maestro.Bus.Broker.Tests:Stroke/e/Maestro.Bus.Broker.Tests:IStroke/~");
        await Publish(channel, "Maestro.Bus.Broker.Tests:Stroke", new Stroke("second"), typeof(IStroke));

        await using var again = await TickHost.Start(_url);
        await Seen(again, "second", 1);
    }

    [Fact]
    public async Task A_queue_that_is_deleted_under_load_misses_no_event()
    {
        await using var host = await TickHost.Start(_url);
        await using var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel);
        await using var channel = await Publisher(connection);
        await channel.QueueDeclareAsync("other", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueBindAsync("other", Exchange, "", cancellationToken: Cancel);
        var published = 0;

        for (var round = 1; round <= 3; round++)
        {
            // What lies in the queue is lost with it.
            await Eventually.True(
                () => Task.FromResult(host.Log.Seen.Select(tick => tick.Name).Distinct().Count() == published), Limit, "all", Cancel);
            await Delete("queues/{0}/ticks");
            var restored = () => host.Lines.From(LogLevel.Error).Count(
                line => line.Contains("'ticks' has been deleted", StringComparison.Ordinal)) == round;
            do
            {
                await Publish(channel, Exchange, new Tick($"event {published++}"));
            }
            while (!restored());
        }

        await Eventually.True(
            () => Task.FromResult(host.Log.Seen.Select(tick => tick.Name).Distinct().Count() == published), Limit, "all", Cancel);
    }

    [Fact]
    public async Task A_dead_letter_survives_the_deletion_of_its_queue()
    {
        await using var host = await TickHost.Start(_url);
        await host.Publish("fail");
        await Eventually.True(async () => await Count("ticks-dlq") == 1, Limit, "a dead letter", Cancel);

        await Delete("queues/{0}/ticks-dlq");
        await host.Publish("fail");

        await Eventually.True(async () => await Count("ticks-dlq") == 1, Limit, "a dead letter", Cancel);
        Assert.Contains(host.Lines.From(LogLevel.Error), line => line.Contains("'ticks-dlq' has been deleted", StringComparison.Ordinal));
        Assert.Equal(8, host.Log.Of("fail").Count());
    }

    [Theory]
    [InlineData("exchanges/{0}/ticks", "queues/{0}/ticks")]
    [InlineData("exchanges/{0}/delay.quorum.delivery")]
    [InlineData("bindings/{0}/e/delay.quorum.delivery/e/ticks/%23.ticks")]
    public async Task A_delayed_message_finds_its_way_when_that_has_been_deleted_meanwhile(params string[] paths)
    {
        await TryAgainSoon();
        await using var host = await TickHost.Start(_url);
        await host.Schedule("ticks", "late", TimeSpan.FromSeconds(12));

        foreach (var path in paths)
            await Delete(path);

        await Seen(host, "late", 1);
    }

    /// <summary>Classic queues drop what expires while there is nowhere to move it to.</summary>
    [Theory]
    [InlineData(RabbitMqQueueType.Quorum)]
    [InlineData(RabbitMqQueueType.Classic)]
    public async Task A_delayed_message_waits_while_its_way_is_missing_and_no_host_runs(RabbitMqQueueType queues)
    {
        await TryAgainSoon();
        var type = KeyValuePair.Create("Bus:RabbitMq:QueueType", (string?)$"{queues}");
        await using (await TickHost.Start(_url, type))
            await HasDelays();
        await Delete("bindings/{0}/e/delay.quorum.delivery/e/ticks/%23.ticks");

        await using (var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel))
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancel))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(
                new { messageId = NewId.NextGuid(), messageType = new[] { MessageUrn.ForTypeString<Tick>() }, message = new Tick("late") },
                JsonSerializerOptions.Web);
            await channel.BasicPublishAsync(
                "delay.quorum.digit-0", "0.0.0.0.0.0.0.0.1.ticks", mandatory: true, new BasicProperties(), body, Cancel);
            await Eventually.True(
                async () => await channel.MessageCountAsync("delay.quorum.100ms", Cancel) == 0, Limit, "the delay to be over", Cancel);
        }

        await using var host = await TickHost.Start(_url, type);

        await Seen(host, "late", 1);
    }

    [Fact]
    public async Task A_routing_key_is_there_again_after_a_delay_and_at_another_hosts_queue()
    {
        await using var receiver = await TickHost.Start(_url);
        await using var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeclareAsync("foreign", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await using var scope = receiver.Services.CreateAsyncScope();
        var pipe = Pipe.Execute<SendContext<Tick>>(context => context.SetRoutingKey("eu.de"));

        await scope.ServiceProvider.GetRequiredService<IMessageScheduler>().ScheduleSend(
            new Uri("queue:ticks"), TimeSpan.FromMilliseconds(100), new Tick("late"), pipe, Cancel);
        var endpoint = await receiver.Bus.GetSendEndpoint(new Uri("queue:foreign"));
        await endpoint.Send(new Tick("foreign"), pipe, Cancel);

        await Seen(receiver, "late", 1);
        Assert.Equal("eu.de", receiver.Log.RoutingKeyOf("late"));
        var foreign = await Eventually.Some(
            () => channel.BasicGetAsync("foreign", autoAck: true, Cancel), Limit, "the foreign message", Cancel);
        var kept = (byte[])foreign.BasicProperties.Headers!["Bus-Routing-Key"]!;
        Assert.Equal(("foreign", "eu.de"), (foreign.RoutingKey, System.Text.Encoding.UTF8.GetString(kept)));
    }

    [Fact]
    public async Task A_policy_that_deletes_unused_queues_and_limits_deliveries_leaves_delayed_messages_and_their_delay()
    {
        var delay = TimeSpan.FromSeconds(27);
        await using var host = await TickHost.Start(_url);
        await HasDelays();
        await rabbit.Server.Put(
            $"policies/{VirtualHost}/cleanup",
            new Dictionary<string, object>
            {
                ["pattern"] = "^delay",
                ["definition"] = new Dictionary<string, object> { ["expires"] = 15_000, ["delivery-limit"] = 0 },
                ["apply-to"] = "queues",
            },
            Cancel);

        var sent = host.Log.Clock.Elapsed;
        await host.Schedule("ticks", "late", delay);

        await Seen(host, "late", 1);
        Assert.InRange(host.Log.Of("late").Single() - sent, delay - TimeSpan.FromMilliseconds(5), TimeSpan.MaxValue);
        Assert.DoesNotContain(host.Lines.From(LogLevel.Warning), line => line.Contains("has been deleted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_restored_keeps_nothing_else_back_and_has_one_line()
    {
        await rabbit.Server.Put("users/partly", new { password = "partly", tags = "" }, Cancel);
        await Permit(".*");
        await using var host = await TickHost.Start(_url.Replace("guest:guest", "partly:partly", StringComparison.Ordinal));
        await HasDelays();

        await Permit("^(?!ticks$)");
        await Delete("exchanges/{0}/ticks");
        for (var round = 1; round <= 2; round++)
        {
            await Delete("queues/{0}/ticks-dlq");
            await Eventually.True(
                () => Task.FromResult(Count(LogLevel.Error, "'ticks-dlq' has been deleted") == round), Limit, "the dead letters", Cancel);
        }

        var line = Assert.Single(
            host.Lines.From(LogLevel.Warning), line => line.Contains("cannot all be checked", StringComparison.Ordinal));
        Assert.Contains("the exchange 'ticks': ACCESS_REFUSED", line, StringComparison.Ordinal);
        await Permit(".*");

        await Eventually.True(
            () => Task.FromResult(Count(LogLevel.Information, "are all there again after ") == 1), Limit, "the exchange", Cancel);
        await host.Publish("after");
        await Seen(host, "after", 1);

        int Count(LogLevel level, string text) => host.Lines.From(level).Count(line => line.Contains(text, StringComparison.Ordinal));

        Task Permit(string configure) =>
            rabbit.Server.Put($"permissions/{VirtualHost}/partly", new { configure, write = ".*", read = ".*" }, Cancel);
    }

    [Fact]
    public async Task Another_programs_queue_gets_what_is_sent_to_it_and_stays_as_it_is()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeclareAsync("foreign", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await using var host = await TickHost.Start(_url);

        await host.Send("foreign", "now");
        await host.Schedule("foreign", "late", TimeSpan.FromMilliseconds(200));

        await Eventually.True(async () => await channel.MessageCountAsync("foreign", Cancel) == 2, Limit, "both messages", Cancel);
        await channel.QueueDeclareAsync("foreign", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
    }

    [Fact]
    public async Task Sending_to_a_queue_that_does_not_exist_fails_and_does_not_declare_it()
    {
        await using var host = await TickHost.Start(_url);

        var sent = await Assert.ThrowsAnyAsync<Exception>(() => host.Send("missing", "now"));
        var scheduled = await Assert.ThrowsAnyAsync<Exception>(() => host.Schedule("missing", "late", TimeSpan.FromSeconds(1)));

        Assert.StartsWith("RabbitMQ has no queue 'missing'. ", sent.Message, StringComparison.Ordinal);
        Assert.StartsWith("RabbitMQ has no queue 'missing'. ", scheduled.Message, StringComparison.Ordinal);
        var queues = await rabbit.Server.Read($"queues/{VirtualHost}", Cancel);
        Assert.DoesNotContain(queues.EnumerateArray(), queue => queue.GetProperty("name").GetString() == "missing");
    }

    static async Task Seen(TickHost host, string tick, int count)
    {
        try
        {
            await Eventually.True(() => Task.FromResult(host.Log.Of(tick).Count() >= count), Limit, $"{count} x {tick}", Cancel);
        }
        catch (TimeoutException exception)
        {
            var lines = string.Join('\n', host.Lines.From(LogLevel.Information));
            throw new TimeoutException($"{exception.Message} The host has logged:\n{lines}", exception);
        }

        Assert.Equal(count, host.Log.Of(tick).Count());
    }

    static Task<IChannel> Publisher(IConnection connection) => connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);

    static async Task Publish<T>(IChannel channel, string exchange, T message, params Type[] types)
        where T : class
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                messageId = NewId.NextGuid(),
                messageType = types.Prepend(typeof(T)).Select(type => MessageUrn.ForTypeString(type)),
                message,
            },
            JsonSerializerOptions.Web);
        await channel.BasicPublishAsync(
            exchange, "eu.de", mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" }, body, Cancel);
    }

    // What is due while its way is missing waits at RabbitMQ, which tries again after three minutes unless it is told otherwise.
    Task TryAgainSoon() =>
        rabbit.Server.Control(
            ["-n", $"bus{rabbit.Server.Port}@localhost", "eval",
                "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 2000)."], Cancel);

    Task Delete(string path) => rabbit.Server.Delete(path.Replace("{0}", VirtualHost, StringComparison.Ordinal), Cancel);

    Task HasDelays() => Eventually.True(
        async () => (await rabbit.Server.Read($"bindings/{VirtualHost}", Cancel)).EnumerateArray().Any(
            binding => binding.GetProperty("destination").GetString() == "delay.quorum.358400ms"),
        Limit, "the delay queues", Cancel);

    async Task<uint> Count(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(_url) }.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);

        try
        {
            return await channel.MessageCountAsync(queue, Cancel);
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            // It does not exist yet.
            return 0;
        }
    }
}
