using RabbitMQ.Client;

namespace Maestro.Bus.Admin.Tests;

/// <summary>Dead letters that are redirected to queues of other programs, on RabbitMQ.</summary>
public sealed class RedirectTests(RedirectTests.Rabbit rabbit) : IClassFixture<RedirectTests.Rabbit>
{
    const string Foreign = "foreign-out";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_redirect_is_pending_with_its_reason_until_the_queue_is_there_and_done_when_it_has_the_message()
    {
        using var folder = new TemporaryFolder();
        var url = await rabbit.Server.CreateVirtualHost(Cancellation);
        await using var server = await PoisonServer.Start(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = url,
            ["Bus:Database:Path"] = folder.At("state.db"),
        });
        await server.Send(Enumerable.Range(0, 4).Select(number => new Poison("odd", number)));
        await server.UntilWaiting(4);
        var ids = (await server.Json<DeadLetterPage>("dlq", "list")).Items.Select(letter => $"{letter.Id}").Order().ToList();

        var pending = (await server.Run("dlq", "redirect", ids[0], "--to", Foreign, "--create")).Succeeded();
        var operation = await server.Json<OperationView>("dlq", "redirect", "--all", "--to", Foreign, "--create", "--detach");

        Assert.StartsWith($"Pending: redirect {ids[0]}. ", pending, StringComparison.Ordinal);
        Assert.Contains($"RabbitMQ has no queue '{Foreign}'.", pending, StringComparison.Ordinal);
        var blocked = await Operation(found => found.Error is not null, "the reason");
        Assert.Equal("running", blocked.State);
        Assert.Contains($"RabbitMQ has no queue '{Foreign}'.", blocked.Error, StringComparison.Ordinal);

        await using var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        await channel.QueueDeclareAsync(Foreign, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);

        var done = await Operation(found => found.State == "done", "the end");
        Assert.Equal((3L, null), (done.Done, done.Error));
        // The one that was redirected by itself is sent beside the others.
        await Eventually.True(
            async () => await channel.MessageCountAsync(Foreign, Cancellation) == 4, Limit, "all four in the queue", Cancellation);
        await channel.QueueDeclareAsync(Foreign, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);

        Task<OperationView> Operation(Func<OperationView, bool> isMeant, string what) => Eventually.Some(
            async () => (await server.Json<List<OperationView>>("dlq", "operations"))
                .Find(found => found.Id == operation.Id && isMeant(found)),
            Limit, $"{what} of the operation", Cancellation);
    }

    /// <summary>A RabbitMQ.</summary>
    public sealed class Rabbit : IAsyncLifetime
    {
        public RabbitMqServer Server { get; } = new();

        public async ValueTask InitializeAsync() => await Server.Start(TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
