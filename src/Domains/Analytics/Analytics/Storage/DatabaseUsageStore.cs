namespace MaestroBus.Analytics;

/// <summary>Keeps usage in the database. The transaction of the message being handled writes its id and its count together.</summary>
sealed class DatabaseUsageStore(AnalyticsDbContext database, TimeProvider clock) : IUsageStore
{
    public async Task<IReadOnlyList<MessageUsage>> Find(
        string tenantId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (begin, end) = (from.UtcDateTime, to.UtcDateTime);
        var usage = await database.Usage.AsNoTracking()
            .Where(counter => counter.TenantId == tenantId && counter.Hour >= begin && counter.Hour < end)
            .GroupBy(counter => counter.MessageType)
            .Select(type =>
                new { Type = type.Key, Count = type.Sum(counter => counter.Count), LastAt = type.Max(counter => counter.LastAt) })
            .ToListAsync(cancellationToken);

        return
        [
            .. usage
                .OrderBy(type => type.Type, StringComparer.Ordinal)
                .Select(type =>
                    new MessageUsage(type.Type, type.Count, new DateTimeOffset(DateTime.SpecifyKind(type.LastAt, DateTimeKind.Utc)))),
        ];
    }

    public async Task Count(UsedMessage message, CancellationToken cancellationToken)
    {
        if (message.MessageId is { } id && await Remember(id, cancellationToken) == 0)
            return;

        // The database adds, so that nobody's count is lost however many count at once.
        var (hour, sentAt) = (Hours.Floor(message.SentAt).UtcDateTime, message.SentAt.UtcDateTime);
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "AnalyticsUsage" ("TenantId", "Hour", "MessageType", "Count", "LastAt")
                VALUES ({message.TenantId}, {hour}, {message.MessageType}, 1, {sentAt})
            ON CONFLICT ("TenantId", "Hour", "MessageType") DO UPDATE SET
                "Count" = "AnalyticsUsage"."Count" + 1,
                "LastAt" = CASE WHEN excluded."LastAt" > "AnalyticsUsage"."LastAt" THEN excluded."LastAt" ELSE "AnalyticsUsage"."LastAt" END
            """,
            cancellationToken);
    }

    Task<int> Remember(Guid messageId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "AnalyticsCounted" ("MessageId", "CountedAt") VALUES ({messageId}, {now}) ON CONFLICT ("MessageId") DO NOTHING
            """,
            cancellationToken);
    }
}
