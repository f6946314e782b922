using System.Globalization;

namespace MaestroBus.Analytics;

public sealed class ReportUsageConsumer(IUsageStore store, TimeProvider clock) : IConsumer<ReportUsage>
{
    public async Task Consume(ConsumeContext<ReportUsage> context)
    {
        var request = context.Message;

        if (!TenantHeader.IsValid(request.TenantId))
            throw new InvalidMessageException(
                $"ReportUsage asks for the tenant '{request.TenantId}'. Name the tenant whose usage is wanted.");

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(request.TimeZone, out var zone))
            throw new InvalidMessageException(
                $"ReportUsage names the time zone '{request.TimeZone}', which this machine does not know. Use an IANA name, such as "
                    + "Europe/Berlin.");

        // The day that the run was due on counts, not the one that it has come to be handled on.
        var today = DateOnly.FromDateTime(
            TimeZoneInfo.ConvertTime(ScheduleHeaders.ScheduledAtOf(context) ?? clock.GetUtcNow(), zone).DateTime);
        var day = today.AddDays(-1);
        var report = await store.Report(request.TenantId, Midnight(day, zone), Midnight(today, zone), context.CancellationToken);

        await context.Publish(new SendNotification(
            DeterministicId.Of($"usage-report/{request.TenantId}/{day:yyyy-MM-dd}"), request.TenantId, "internal", request.Recipient,
            $"Usage of {request.TenantId} on {day:yyyy-MM-dd}", Text(report)));
    }

    static DateTimeOffset Midnight(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        // In some zones clocks jump at midnight: the day begins with the first time that they show.
        while (zone.IsInvalidTime(midnight))
            midnight = midnight.AddMinutes(15);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight));
    }

    static string Text(UsageReport report) => report.Usage.Count == 0
        ? "Nothing was used."
        : string.Join(
            '\n', report.Usage.Select(usage => string.Create(CultureInfo.InvariantCulture, $"{usage.MessageType}: {usage.Count}")));
}
