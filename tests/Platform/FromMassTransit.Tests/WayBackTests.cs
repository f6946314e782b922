namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>The old application goes on where the new one was stopped, as the guide says it is done.</summary>
[Collection("applications")]
public sealed class WayBackTests(Servers servers)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_old_application_finishes_what_the_new_one_has_left()
    {
        var place = await Place.Create(servers);
        await using var world = await World.Start(place);
        var (posted, accepted, unpaid, waiting) = (NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid());
        await using (var application = await Application.StartNew(place, "--Scheduler=quartz"))
        {
            await application.Post(World.Order(posted));
            await world.Submit(World.Order(accepted));
            await world.Submit(World.Order(unpaid, TimeSpan.FromSeconds(1)));
            foreach (var order in new[] { posted, accepted, unpaid })
                await place.Until(order, nameof(OrderStateMachine.Accepted));

            await Eventually.True(
                async () => await place.Count(Guide.StillToDo) == 0, TimeSpan.FromSeconds(60), "nothing to be left to do", Cancellation);
            await application.Stop();
        }

        // What the old application's inbox goes by.
        Assert.True(await place.Rows("InboxState") > 0);
        Assert.Equal(0, await place.Count("""SELECT count(*) FROM "InboxState" WHERE "Consumed" IS NULL OR "Delivered" IS NULL"""));
        Assert.Equal(0, await place.Rows("OutboxMessage") + await place.Rows("OutboxState"));

        await world.Submit(World.Order(waiting));
        await using var old = await Application.StartOld(place);
        await world.Pay(accepted);
        await world.Pay(posted);

        await place.Until(accepted, nameof(OrderStateMachine.Paid));
        await place.Until(posted, nameof(OrderStateMachine.Paid));
        await place.Until(unpaid, nameof(OrderStateMachine.Cancelled));
        await place.Until(waiting, nameof(OrderStateMachine.Accepted));
        await Eventually.True(() => Task.FromResult(world.Heard.Count >= 7), TimeSpan.FromSeconds(60), "seven events", Cancellation);
        Assert.All(world.Heard, heard => Assert.Equal(1, heard.Value));
        Assert.Equal(7, world.Heard.Count);
        Assert.Empty(await place.List("""
            SELECT concat("What", ' ', "OrderId") FROM "Journal" GROUP BY "What", "OrderId" HAVING count(*) > 1
            """));
        Assert.Empty(await Broker.Failures(servers, place));
    }
}
