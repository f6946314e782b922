namespace Maestro.Bus.Persistence.Tests;

public sealed class SchedulingTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scheduling_and_cancelling_wait_for_the_commit()
    {
        var settings = Databases.Sqlite();
        settings["Bus:Transport"] = "sqlite";
        settings["Bus:Sqlite:Path"] = Path.ChangeExtension(settings["Bus:Database:Path"], ".bus");
        // Only the test moves the clock: a busy machine may take long to cancel.
        var clock = new MovableClock(TimeProvider.System.GetUtcNow());
        await using var shop = await ShopHost.Start(
            settings, services => services.AddSingleton<TimeProvider>(clock), transports: [new SqliteTransport()]);
        var due = clock.Now.UtcDateTime.AddMinutes(1);
        Guid[] tokens = [];

        await Scheduled(async scheduler => tokens =
        [
            (await scheduler.SchedulePublish(due, new OrderPlaced(1), Cancellation)).TokenId,
            (await scheduler.SchedulePublish(due, new OrderPlaced(2), Cancellation)).TokenId,
        ]);
        await shop.UntilEmpty();
        await Scheduled(scheduler => scheduler.CancelScheduledPublish<OrderPlaced>(tokens[0], Cancellation));
        await Scheduled(scheduler => scheduler.CancelScheduledPublish<OrderPlaced>(tokens[1], Cancellation), isCommitted: false);
        await Scheduled(async scheduler => await scheduler.CancelScheduledPublish<OrderPlaced>(
            (await scheduler.SchedulePublish(due, new OrderPlaced(3), Cancellation)).TokenId, Cancellation));
        await Scheduled(scheduler => scheduler.SchedulePublish(due.AddMinutes(1), new OrderPlaced(4), Cancellation));
        await shop.UntilEmpty();

        clock.Now += TimeSpan.FromSeconds(90);
        await shop.Received.Until(1);
        clock.Now += TimeSpan.FromSeconds(90);
        await shop.Received.Until(2);
        Assert.Equal([2, 4], shop.Received.Numbers);

        Task Scheduled(Func<IMessageScheduler, Task> schedule, bool isCommitted = true) => shop.InScope(async (context, _, services) =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await schedule(services.GetRequiredService<IMessageScheduler>());
            if (isCommitted)
                await transaction.CommitAsync(Cancellation);
        });
    }
}
