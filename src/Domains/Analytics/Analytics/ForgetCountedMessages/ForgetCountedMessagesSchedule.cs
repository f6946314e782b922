namespace MaestroBus.Analytics;

/// <summary>Purges the message ids every hour.</summary>
public sealed class ForgetCountedMessagesSchedule : BusSchedule<ForgetCountedMessages>
{
    protected override void Configure(ScheduleBuilder<ForgetCountedMessages> schedule) => schedule
        .Cron("30 * * * *")
        .OnMisfire(MisfirePolicy.FireOnce)
        .Described("Forgets the ids of counted messages that are older than Bus:Analytics:MessageIdRetention")
        .Message(new ForgetCountedMessages());
}
