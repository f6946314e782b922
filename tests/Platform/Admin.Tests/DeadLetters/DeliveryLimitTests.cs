using System.Text.Json;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Maestro.Bus.Admin.Tests;

/// <summary>What RabbitMQ takes out of a queue by itself.</summary>
public sealed class DeliveryLimitTests(ServersPlace place) : IClassFixture<ServersPlace>
{
    // Below what the bus itself counts to.
    const int Limit = 2;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_kills_each_process_is_a_dead_letter_after_so_many_and_can_be_retried()
    {
        var settings = await Settings();
        settings[Remedies.Setting] = "healthy";
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(settings), Cancellation);
        await Declare(settings);
        var sent = TimeProvider.System.GetUtcNow();
        await Send(settings, new Poison("fatal", 5));

        // The delivery after the last one that is allowed does not come any more.
        for (var process = 0; process <= Limit; process++)
        {
            await using var host = ServerProcess.StartChild("The host", typeof(PoisonHost).Assembly, [file]);
            await host.Ended(Cancellation);
        }

        File.Delete(file);
        settings[Remedies.Setting] = "healthy,fatal";
        await using var server = await PoisonServer.Start(settings);
        await server.Send([new Poison("healthy", 1)]);
        await server.Effects("healthy", 1);
        await server.UntilWaiting(1);
        var letter = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        Assert.Equal((DeadLetterReason.DeliveryLimit, PoisonServer.Queue), (letter.Reason, letter.Queue));
        Assert.Equal("The broker has delivered the message too often without an end to it.", letter.ExceptionMessage);
        Assert.EndsWith("Chaos:Poison", letter.MessageType, StringComparison.Ordinal);
        // The broker's times are whole seconds.
        Assert.InRange(letter.FailedAt, sent.AddSeconds(-1), TimeProvider.System.GetUtcNow().AddSeconds(1));

        (await server.Run("dlq", "retry", $"{letter.Id}")).Succeeded();
        Assert.Equal([5], await server.Effects("fatal", 1));
    }

    [Fact]
    public async Task A_message_that_has_waited_for_a_retry_before_the_broker_gives_up_on_it_has_the_broker_s_reason()
    {
        var settings = await Settings();
        settings["Bus:Queues:poison:Attempts"] = "3";
        settings["Bus:Queues:poison:FirstRetryDelay"] = "20ms";
        await using (var server = await PoisonServer.Start(settings))
        {
            await server.Send([new Poison("odd", 1)]);
            await server.UntilWaiting(1);
            Assert.Equal(("fault", 3), Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items) is var letter
                ? (letter.Reason, letter.Attempts)
                : default);
        }

        // What has been retried is in the queue with the deaths of its delays.
        await Send(settings, new Poison("odd", 2),
            new Dictionary<string, object?> { ["x-death"] = new List<object> { Death("delay.quorum.level-03", "expired") } });
        await Refuse(settings, Limit + 1);

        await using var last = await PoisonServer.Start(settings);
        await last.UntilWaiting(2);
        Assert.Equal(
            ["delivery-limit", "fault"], (await last.Json<DeadLetterPage>("dlq", "list")).Items.Select(letter => letter.Reason).Order());
    }

    [Fact]
    public async Task A_queue_that_exists_otherwise_stops_the_start_and_the_message_says_what_to_do()
    {
        var settings = await Settings();
        await Declare(settings);
        settings["Bus:RabbitMq:DeliveryLimit"] = "7";

        using var log = new Refusals();

        var refusal = await Assert.ThrowsAnyAsync<Exception>(
            () =>
                PoisonServer.Start(settings, services => services.AddLogging(logging => logging.AddProvider(log)))
                    .WaitAsync(Patience, Cancellation));

        Assert.IsNotType<TimeoutException>(refusal);
        Assert.Contains("RabbitMQ has a queue 'poison' that was declared otherwise", log.Text, StringComparison.Ordinal);
        Assert.Contains("rabbitmqctl delete_queue poison", log.Text, StringComparison.Ordinal);
        Assert.Contains("x-delivery-limit", log.Text, StringComparison.Ordinal);
    }

    async Task<Dictionary<string, string?>> Settings()
    {
        var settings = await place.Settings();
        settings["Bus:RabbitMq:DeliveryLimit"] = $"{Limit}";
        return settings;
    }

    static async Task Declare(Dictionary<string, string?> settings)
    {
        await using var declaring = await PoisonServer.Start(settings);
    }

    static Dictionary<string, object?> Death(string queue, string reason) => new()
    {
        ["queue"] = queue,
        ["reason"] = reason,
        ["exchange"] = queue,
        ["count"] = 1L,
        ["routing-keys"] = new List<object> { "1" },
        ["time"] = new AmqpTimestamp(1_700_000_000),
    };

    static async Task Send(Dictionary<string, string?> settings, Poison message, Dictionary<string, object?>? headers = null)
    {
        await using var connection = await Connect(settings);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new { messageId = NewId.NextGuid(), messageType = new[] { MessageUrn.ForTypeString<Poison>() }, message, headers = new { } },
            JsonSerializerOptions.Web);
        await channel.BasicPublishAsync(
            "", PoisonServer.Queue, mandatory: true, new BasicProperties
            {
                ContentType = "application/vnd.masstransit+json",
                Headers = headers,
                Persistent = true,
            }, body, Cancellation);
    }

    /// <summary>Takes the message, and loses the connection with it.</summary>
    static async Task Refuse(Dictionary<string, string?> settings, int times)
    {
        for (var refused = 0; refused < times; refused++)
        {
            await using var connection = await Connect(settings);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
            await Eventually.Some(
                () => channel.BasicGetAsync(PoisonServer.Queue, autoAck: false, Cancellation), Patience, "the message", Cancellation);
            await connection.AbortAsync(Cancellation);
        }
    }

    static Task<IConnection> Connect(Dictionary<string, string?> settings) =>
        new ConnectionFactory
        {
            Uri = new Uri(settings["Bus:RabbitMq:Url"]!),
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync(Cancellation);

    sealed class Refusals : ILoggerProvider, ILogger
    {
        public string Text { get; private set; } = "";

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Critical;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Text += formatter(state, exception);
        }

        public void Dispose()
        {
        }
    }
}
