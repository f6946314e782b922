namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>The schedules move to the new application, and back, in the steps of the guide.</summary>
[Collection("applications")]
public sealed class ScheduleTests(Servers servers)
{
    const string Beside = "--Scheduler=quartz";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_schedule_comes_once_while_they_move_to_the_new_application_and_back()
    {
        var place = await Place.Create(servers);
        await using var world = await World.Start(place);
        await using var old = await OldScheduler.Start(place);
        var (unpaid, paid, own, left, last) = (
            NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid());

        await using (var application = await Application.StartNew(place, Beside))
        {
            await Accept(unpaid);
            await Accept(paid);
            await world.Repeat("quartz", NewId.NextGuid());
            await Eventually.True(
                () => Task.FromResult(old.Orders.Count() == 2 && old.Schedules.SequenceEqual(["orders:payments"])), Patience,
                "both orders and a schedule at the old scheduler", Cancellation);
            await application.Stop();
        }

        await using (var application = await Application.StartNew(place))
        {
            // It keeps what it schedules now, and cancels in its own queue, also what the old scheduler has.
            await world.Submit(World.Order(own, TimeSpan.FromSeconds(1)));
            await place.Until(own, nameof(OrderStateMachine.Cancelled));
            await world.Pay(paid);
            await place.Until(paid, nameof(OrderStateMachine.Paid));
            Assert.Equal(new[] { unpaid, paid }.Order(), old.Orders.Order());

            await TakeOverRecurring(place, world, old);
            await old.Ring();
            await place.Until(unpaid, nameof(OrderStateMachine.Cancelled));

            await Accept(left);
            await Eventually.True(
                async () => await place.Count("SELECT count(*) FROM schedule_message") == 1, Patience,
                "a schedule of the new application's own", Cancellation);
            await application.Stop();
        }

        // The hosts schedule with Quartz again. What they hold themselves comes due meanwhile.
        Assert.Equal(1, await place.Run("UPDATE schedule_message SET due_at = (extract(epoch FROM now()) * 1000)::bigint"));
        await using var back = await Application.StartNew(place, Beside);
        await place.Until(left, nameof(OrderStateMachine.Cancelled));
        await Accept(last);
        await Eventually.True(
            () => Task.FromResult(old.Orders.SequenceEqual([last])), Patience, "the last order at the old scheduler", Cancellation);
        await Eventually.True(
            async () => await place.Count(Guide.StillToDo) == 0, Patience, "nothing to be left to do", Cancellation);

        await Eventually.True(() => Task.FromResult(world.Heard.Count >= 9), Patience, "nine events", Cancellation);
        Assert.Equal(9, world.Heard.Count);
        Assert.All(world.Heard, heard => Assert.Equal(1, heard.Value));
        await place.Until(paid, nameof(OrderStateMachine.Paid));
        Assert.Empty(await Broker.Failures(servers, place));

        async Task Accept(Guid order)
        {
            await world.Submit(World.Order(order));
            await place.Until(order, nameof(OrderStateMachine.Accepted));
        }
    }

    static async Task TakeOverRecurring(Place place, World world, OldScheduler old)
    {
        var order = NewId.NextGuid();
        await world.StopRepeating("quartz");
        await world.Repeat("orders-schedules", order);
        await Eventually.True(() => Task.FromResult(!old.Schedules.Any()), Patience, "no schedule at the old scheduler", Cancellation);
        await Eventually.True(
            () => Task.FromResult(world.Payments.Count(payment => payment == order) >= 2), Patience, "two runs", Cancellation);
        Assert.Equal(["orders:payments"], await place.List("SELECT name FROM schedule_definition"));

        await world.StopRepeating("orders-schedules");
        await Eventually.True(
            async () => await place.Count("SELECT count(*) FROM schedule_definition") == 0, Patience, "no schedule", Cancellation);
    }
}
