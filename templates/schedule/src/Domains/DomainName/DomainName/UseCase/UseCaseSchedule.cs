namespace BusRoot.DomainName;

public sealed class UseCaseSchedule : BusSchedule<UseCase>
{
    protected override void Configure(ScheduleBuilder<UseCase> schedule) => schedule
        .Cron("CronExpression")
        .InTimeZone("ZoneName")
        .Message(new UseCase());
}
