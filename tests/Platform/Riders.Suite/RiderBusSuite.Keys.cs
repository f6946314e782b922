using System.Text;

namespace Maestro.Bus.Riders.Suite;

public abstract partial class RiderBusSuite<TBroker>
{
    [Fact]
    public async Task Typed_keys_and_tombstones_go_out_with_the_commit_and_not_without()
    {
        await Typed(5, commits: false);
        await Typed(7, commits: true);

        var records = await Read(_concluded, 2);

        Assert.All(records, record => Assert.Equal(RecordKey.ToBytes(7), record.Key));
        Assert.Equal("""{"meter":"typed","value":7}""", Encoding.UTF8.GetString(records[0].Value!));
        Assert.Null(records[1].Value);
    }

    [Fact]
    public async Task A_tombstone_that_fails_is_shown_with_the_dead_letters_and_sent_back_as_one()
    {
        var topic = $"gone-{NewId.NextGuid():n}";
        var (repair, received) = (Services.GetRequiredService<Repair>(), new Received<string>());
        var handle = Broker.RiderOf(Services).ConnectTopicEndpoint<MeterGone>(topic, $"group-{topic}", (_, endpoint) =>
        {
            endpoint.ReadValue(record => record.Value is null ? new MeterGone() : null);
            endpoint.Handler<MeterGone>(context => repair.IsDone
                ? received.Add(context.GetKey<string>()) : throw new InvalidOperationException("Not yet."));
        }, Cancel);
        await handle.Ready;
        await using (var plugin = broker.CreatePlugin())
        {
            await plugin.Produce(new OutgoingRecord(topic, "roof"u8.ToArray(), "a value"u8.ToArray(), []), Cancel);
            await plugin.Produce(new OutgoingRecord(topic, "roof"u8.ToArray(), null, []), Cancel);
        }

        await UntilWaiting(1);
        repair.IsDone = true;
        var store = Services.GetRequiredService<IDeadLetterStore>();
        var letter = (await store.List(new DeadLetterFilter { State = DeadLetterState.Waiting }, null, 10, Cancel))[0];
        await ActivatorUtilities.CreateInstance<DeadLetterCommands>(Services, Selections).Retry(letter.Id, "somebody", Cancel);

        Assert.Equal(["roof"], await received.AtLeast(1));
        Assert.Equal([false, true, true], (await Read(topic, 3)).Select(record => record.Value is null));
        await UntilWaiting(0);
    }

    async Task Typed(int key, bool commits)
    {
        await using var scope = Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MetersContext>();
        context.Add(new Reading { Meter = "asked", Value = key });
        var producer = Broker.RiderOf(Services).GetProducer<int, MeterConcluded>(_concluded, scope.ServiceProvider);
        await producer.Produce(key, new MeterConcluded("typed", key), Cancel);
        await producer.ProduceTombstone(key, Cancel);
        if (commits)
            await context.SaveChangesAsync(Cancel);
    }
}

/// <summary>Says that a meter is gone.</summary>
public sealed record MeterGone;
