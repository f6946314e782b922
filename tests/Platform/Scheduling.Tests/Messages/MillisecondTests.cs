namespace Maestro.Bus.Scheduling.Tests;

/// <summary>A message that waits in the scheduler's store comes at its time to the millisecond, and not when its second begins.</summary>
public sealed class MillisecondTests
{
    // Quartz rings up to two milliseconds early.
    static readonly TimeSpan Early = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData(nameof(ScheduleStoreKind.Database))]
    [InlineData(nameof(ScheduleStoreKind.Memory))]
    public async Task What_is_due_at_the_end_of_a_second_comes_then(string store)
    {
        var settings = Databases.Sqlite();
        settings["Bus:Scheduling:Store"] = store;
        settings["Bus:Scheduling:TransportDelay"] = "1s";
        await using var host = await TestHost.Start(settings);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var due = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).AddSeconds(4).AddMilliseconds(937);

        await host.Schedule(due, new Tick("exact"));

        await host.Ticks.AtLeast(1);
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime, due - Early, DateTime.MaxValue);
    }
}
