using System.Text.Json;
using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Code as an application on MassTransit's rider has it, on a real broker.</summary>
[Collection("users")]
public sealed class MassTransitApplicationTests(GuestBroker broker) : RealBrokerScenario<GuestBroker>(broker)
{
    [Fact]
    public async Task A_user_is_told_in_code_and_a_new_group_begins_at_an_offset()
    {
        var topic = await NewTopic(1);
        await WriteMany(topic, 5);
        var received = new Received<int>();
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Services.AddSingleton(new RiderHandler<Measured>(context => received.Add(context.Message.Number)));
        builder.Services.AddMassTransit(x =>
        {
            x.UsingInMemory();
            x.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka((context, kafka) =>
                {
                    kafka.ClientId = "acme";
                    kafka.Host($"localhost:{Broker.Real.LoginPort}", host => host.UseSasl(sasl =>
                    {
                        sasl.Mechanism = SaslMechanism.ScramSha256;
                        sasl.Username = "guest";
                        sasl.Password = "guest-secret";
                    }));
                    kafka.TopicEndpoint<string, Measured>(topic, Group, endpoint =>
                    {
                        endpoint.Offset = 2;
                        endpoint.MaxPollInterval = TimeSpan.FromMinutes(6);
                        endpoint.ConfigureFetch(fetch => fetch.WaitMaxInterval = TimeSpan.FromMilliseconds(50));
                        endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
                    });
                });
            });
        });

        await Start(builder);

        Assert.Equal([2, 3, 4], await received.AtLeast(3));
    }

    [Fact]
    public async Task A_state_machine_writes_to_a_topic_from_each_of_its_behaviours()
    {
        var (events, topic) = (await NewTopic(1), await NewTopic(1));
        var host = await Start(
            rider =>
            {
                rider.AddSagaStateMachine<ProducingMachine<GuestBroker>, OrderSaga>().InMemoryRepository();
                rider.AddProducer<OrderPlaced>(events);
                rider.AddProducer<Measured>(topic);
                rider.AddProducer<Produced>(topic);
            },
            (context, factory) => factory.TopicEndpoint<OrderPlaced>(
                events, Group, (_, endpoint) => endpoint.ConfigureSaga<OrderSaga>(context)));

        await Produce(host, new OrderPlaced(NewId.NextGuid()));

        var records = await Read(topic, 16);
        Assert.Equal(
            [
                "data message", "data task", "data factory", "data values",
                "data exception message", "data exception task", "data exception factory", "data exception values",
                "message", "task", "factory", "values",
                "exception message", "exception task", "exception factory", "exception values",
            ],
            records.Select(record => JsonDocument.Parse(record.Value).RootElement.GetProperty("place").GetString()));
        Assert.All(records, record => Assert.Equal("set", record.Headers.Get("stamp")));
    }
}

/// <summary>Generic, so that no bus finds it by itself.</summary>
public sealed class ProducingMachine<TKey> : MassTransitStateMachine<OrderSaga>
{
    public ProducingMachine()
    {
        InstanceState(order => order.CurrentState);
        Initially(When(Placed)
            .Produce(new Measured("data message", 1), Stamp)
            .Produce(Task.FromResult(new Measured("data task", 1)), Stamp)
            .Produce(_ => Task.FromResult(new Measured("data factory", 1)), Stamp)
            .Produce(context => context.Init<Produced>(new { Place = "data values" }), StampProduced)
            .Then(_ => throw new InvalidOperationException("with data"))
            .Catch<InvalidOperationException>(failed => failed
                .Produce(new Measured("data exception message", 1), Stamp)
                .Produce(Task.FromResult(new Measured("data exception task", 1)), Stamp)
                .Produce(_ => Task.FromResult(new Measured("data exception factory", 1)), Stamp)
                .Produce(context => context.Init<Produced>(new { Place = "data exception values" }), StampProduced))
            .TransitionTo(Open));
        WhenEnter(Open, entered => entered
            .Produce(new Measured("message", 1), Stamp)
            .Produce(Task.FromResult(new Measured("task", 1)), Stamp)
            .Produce(_ => Task.FromResult(new Measured("factory", 1)), Stamp)
            .Produce(context => context.Init<Produced>(new { Place = "values" }), StampProduced)
            .Then(_ => throw new InvalidOperationException("without data"))
            .Catch<InvalidOperationException>(failed => failed
                .Produce(new Measured("exception message", 1), Stamp)
                .Produce(Task.FromResult(new Measured("exception task", 1)), Stamp)
                .Produce(_ => Task.FromResult(new Measured("exception factory", 1)), Stamp)
                .Produce(context => context.Init<Produced>(new { Place = "exception values" }), StampProduced)));
    }

    public State Open { get; private set; } = null!;

    public Event<OrderPlaced> Placed { get; private set; } = null!;

    static void Stamp(SendContext<Measured> context) => context.Headers.Set("stamp", "set");

    static void StampProduced(SendContext<Produced> context) => context.Headers.Set("stamp", "set");
}

/// <summary>A message that is made of an object's properties.</summary>
public sealed class Produced
{
    public string Place { get; init; } = "";
}
