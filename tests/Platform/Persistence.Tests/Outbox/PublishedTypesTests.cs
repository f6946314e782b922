using System.Collections.Concurrent;
using Maestro.Bus.Transports.RabbitMq;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What the messages of this test have in common.</summary>
public interface INoted
{
    int Number { get; }
}

/// <summary>A message of two types.</summary>
public sealed record OrderNoted(int Number) : INoted;

/// <summary>A message of two types, of which one is generic.</summary>
public sealed record Noted<T>(int Number, T About) : INoted;

/// <summary>Keeps what was noted.</summary>
public sealed class NotedConsumer(Notes notes) : IConsumer<INoted>
{
    public Task Consume(ConsumeContext<INoted> context)
    {
        notes.Numbers.Enqueue(context.Message.Number);
        return Task.CompletedTask;
    }
}

public sealed class Notes
{
    public ConcurrentQueue<int> Numbers { get; } = [];
}

/// <summary>A consumer of an interface gets the messages that implement it, also when they have waited in the outbox.</summary>
public sealed class PublishedTypesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    [InlineData("rabbitmq")]
    public async Task What_the_outbox_publishes_reaches_the_consumers_of_all_its_types(string transport)
    {
        await using var rabbit = new RabbitMqServer();
        var settings = Databases.WithBroker(_folder.Path);
        settings["Bus:Transport"] = transport;
        if (transport == "rabbitmq")
        {
            await rabbit.Start(Cancellation);
            settings["Bus:RabbitMq:Url"] = rabbit.Url;
        }

        await using var shop = await ShopHost.Start(settings, transports: [new SqliteTransport(), new RabbitMqTransport()]);
        await shop.InScope(async (context, endpoint, _) =>
        {
            await endpoint.Publish(new OrderNoted(1), Cancellation);
            await endpoint.Publish(new Noted<OrderNoted>(2, new OrderNoted(3)), Cancellation);
            await context.SaveChangesAsync(Cancellation);
        });

        var numbers = shop.Services.GetRequiredService<Notes>().Numbers;
        await Eventually.True(() => Task.FromResult(numbers.Count >= 2), TimeSpan.FromMinutes(1), "two notes", Cancellation);
        Assert.Equal([1, 2], numbers.Order());
    }
}
