using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Riders.Tests;

/// <summary>Topics whose domain declares how its messages are written and read.</summary>
public sealed class DeclaredSerializerTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_topic_of_several_messages_holds_each_as_it_is_declared()
    {
        var (streams, received) = (new MemoryStreams(), new Received<object>());
        using var host = await Start(streams, received);
        var bus = host.Services.GetRequiredService<IBus>();

        await bus.Publish(new TideSeen("pier", 3), Cancel);
        await bus.Publish(new TideTurned("pier", 4), Cancel);
        await using (var scope = host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<ITopicProducer<TideSeen>>().Produce("pier", new TideSeen("pier", 5), Cancel);

        Assert.Equal([new TideSeen("pier", 3), new TideTurned("pier", 4), new TideSeen("pier", 5)], await received.AtLeast(3));
        Assert.Equal(
            ["pier 3", """{"place":"pier","level":4}""", "pier 5"],
            streams.Records(TideDomain.Topic).Select(record => Encoding.UTF8.GetString(record.Value!)));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task What_the_declared_way_cannot_read_is_an_unreadable_dead_letter_and_a_record_without_a_type_too()
    {
        var (streams, received) = (new MemoryStreams(1), new Received<object>());
        using var host = await Start(streams, received);
        var seen = new RecordHeaders();
        seen.Add(MessageHeaders.MessageType, MessageUrn.ForTypeString<TideSeen>());

        streams.Write(
        [
            new OutgoingRecord(TideDomain.Topic, null, "pier high"u8.ToArray(), seen),
            new OutgoingRecord(TideDomain.Topic, null, "pier 1"u8.ToArray(), []),
            new OutgoingRecord(TideDomain.Topic, null, "pier 7"u8.ToArray(), seen),
        ]);

        Assert.Equal([new TideSeen("pier", 7)], await received.AtLeast(1));
        var letters = await Eventually.Some(
            () => Task.FromResult(streams.Records($"{TideDomain.Topic}-dlq") is { Count: 2 } all ? all : null),
            TimeSpan.FromMinutes(1), "2 letters", Cancel);
        Assert.All(letters, letter => Assert.Equal(DeadLetterReason.Unreadable, letter.Headers.Get(MessageHeaders.Reason)));
        Assert.Equal(["pier 1", "pier high"], letters.Select(letter => Encoding.UTF8.GetString(letter.Value!)).Order());
        await host.StopAsync(Cancel);
    }

    static async Task<IHost> Start(MemoryStreams streams, Received<object> received)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Bus:Transport", "memory"), new("Bus:MemoryStreams:Enabled", "true")]);
        builder.Services.AddBus(builder.Configuration, [new TideDomain(received)], [], [new MemoryRider(streams)]);
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }
}

public sealed record TideSeen(string Place, int Level);

public sealed record TideTurned(string Place, int Level);

/// <summary>Publishes and consumes two messages on one topic: the first in a format of its own, the other in JSON.</summary>
public sealed class TideDomain(Received<object> received) : BusDomain
{
    public const string Topic = "tides";

    public override QueuePolicy Policy => new() { Attempts = 1, Concurrency = 1 };

    public override void AddServices(BusBuilder bus)
    {
        bus.Services.AddSingleton(received);
        bus.Topics(topics =>
        {
            topics.Produces<TideSeen>(Topic, seen => seen.Place, seen => Encoding.UTF8.GetBytes($"{seen.Place} {seen.Level}"));
            topics.Produces<TideTurned>(Topic, turned => turned.Place);
            topics.Consumes(Topic, Read);
            topics.Consumes<TideTurned>(Topic);
        });
    }

    static TideSeen Read(byte[] value)
    {
        var parts = Encoding.UTF8.GetString(value).Split(' ');
        return new TideSeen(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}

public sealed class TideConsumer(Received<object> received) : IConsumer<TideSeen>, IConsumer<TideTurned>
{
    public Task Consume(ConsumeContext<TideSeen> context) => received.Add(context.Message);

    public Task Consume(ConsumeContext<TideTurned> context) => received.Add(context.Message);
}
