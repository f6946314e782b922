namespace MaestroBus.Analytics;

static class UsageReports
{
    /// <summary>What a tenant has used, in whole hours.</summary>
    public static async Task<UsageReport> Report(
        this IUsageStore store, string tenantId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (begin, end) = (Hours.Floor(from), Hours.Ceiling(to));
        return new UsageReport(tenantId, begin, end, await store.Find(tenantId, begin, end, cancellationToken));
    }
}
