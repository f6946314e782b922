using RabbitMQ.Client;

namespace Maestro.Bus.Admin.Tests;

/// <summary>A transport and a database that nobody else uses.</summary>
public abstract class DeadLetterPlace : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whether other processes can use it, too.</summary>
    public virtual bool IsShared => true;

    /// <summary>The settings of a host there; each call gives new ones.</summary>
    public abstract Task<Dictionary<string, string?>> Settings();

    /// <summary>Puts bytes straight into a queue, as a program would that has never heard of the bus.</summary>
    public abstract Task SendBytes(IBus bus, Dictionary<string, string?> settings, string queue, IEnumerable<byte[]> bodies);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected string File(string name) => _folder.At($"{NewId.NextGuid():n}-{name}");

    protected static async Task SendRaw(IBus bus, string queue, IEnumerable<byte[]> bodies)
    {
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        foreach (var body in bodies)
            await endpoint.Send(
                new Poison("raw", 0), Pipe.Execute<SendContext<Poison>>(context => context.Serializer = new RawBytes(body)), Cancellation);
    }

    sealed class RawBytes(byte[] body) : IMessageSerializer
    {
        public System.Net.Mime.ContentType ContentType => MassTransit.Serialization.SystemTextJsonMessageSerializer.JsonContentType;

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class =>
            new BytesMessageBody(body);
    }
}

/// <summary>Messages in memory, state in a file.</summary>
public sealed class MemoryPlace : DeadLetterPlace
{
    public override bool IsShared => false;

    public override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Bus:Transport"] = "memory", ["Bus:Database:Path"] = File("state.db") });

    public override Task SendBytes(IBus bus, Dictionary<string, string?> settings, string queue, IEnumerable<byte[]> bodies) =>
        SendRaw(bus, queue, bodies);
}

/// <summary>Everything in files.</summary>
public sealed class SqlitePlace : DeadLetterPlace
{
    public override Task<Dictionary<string, string?>> Settings() => Task.FromResult(new Dictionary<string, string?>
    {
        ["Bus:Transport"] = "sqlite",
        ["Bus:Sqlite:Path"] = File("bus.db"),
        ["Bus:Sqlite:Durability"] = "Normal",
        ["Bus:Database:Path"] = File("state.db"),
    });

    public override Task SendBytes(IBus bus, Dictionary<string, string?> settings, string queue, IEnumerable<byte[]> bodies) =>
        SendRaw(bus, queue, bodies);
}

/// <summary>RabbitMQ and PostgreSQL.</summary>
public sealed class ServersPlace : DeadLetterPlace
{
    readonly RabbitMqServer _rabbit = new();
    readonly PostgresServer _postgres = new();

    public override async ValueTask InitializeAsync() => await Task.WhenAll(_rabbit.Start(Cancellation), _postgres.Start(Cancellation));

    public override async Task<Dictionary<string, string?>> Settings() => new()
    {
        ["Bus:Transport"] = "rabbitmq",
        ["Bus:RabbitMq:Url"] = await _rabbit.CreateVirtualHost(Cancellation),
        ["Bus:Database:Provider"] = "postgresql",
        ["Bus:Database:ConnectionString"] = await _postgres.CreateDatabase(Cancellation),
    };

    public override async Task SendBytes(IBus bus, Dictionary<string, string?> settings, string queue, IEnumerable<byte[]> bodies)
    {
        await using var connection = await new ConnectionFactory
        {
            Uri = new Uri(settings["Bus:RabbitMq:Url"]!),
        }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(
            // What is not confirmed may be lost when the connection is closed.
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancellation);
        foreach (var body in bodies)
            await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(), body, Cancellation);
    }

    public override async ValueTask DisposeAsync()
    {
        await _rabbit.DisposeAsync();
        await _postgres.DisposeAsync();
        await base.DisposeAsync();
    }
}
