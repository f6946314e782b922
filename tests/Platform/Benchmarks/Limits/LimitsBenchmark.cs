namespace Maestro.Bus.Benchmarks;

/// <summary>
/// The product's time limits, those of which tests must not depend on a machine's speed: each is measured 20 times, and 5 times where one
/// takes more than 20 seconds, with real servers.
/// </summary>
static class LimitsBenchmark
{
    const int Times = 20;
    const int TimesOfSlow = 5;
    const double Slow = 20;

    static readonly string[] Columns = ["median s", "worst s", "limit s", "times"];

    static readonly IReadOnlyList<Func<LimitGroup>> Groups =
    [
        () => new BrokerAwayLimits(), () => new BrokerBlockedLimits(), () => new KafkaAwayLimits(), () => new DatabaseAwayLimits(),
        () => new FileLockedLimits(), () => new OutboxStuckLimits(), () => new ConsumersLostLimits(), () => new TopologyLimits(),
        () => new OutboxLeaseLimits(onFiles: true), () => new OutboxLeaseLimits(onFiles: false),
        () => new ScheduleLeaseLimits(onFiles: true, isKilled: true), () => new ScheduleLeaseLimits(onFiles: false, isKilled: true),
        () => new ScheduleLeaseLimits(onFiles: true, isKilled: false), () => new ScheduleLeaseLimits(onFiles: false, isKilled: false),
        () => new JobLeaseLimits(onFiles: true), () => new JobLeaseLimits(onFiles: false), () => new AlertLimits(),
        () => new CertificateLimits(), () => new IdleStopLimits(), () => new BusyStopLimits(),
    ];

    /// <summary>Measures all limits, or the group of the one whose name is given.</summary>
    public static async Task<Report> Run(string? name, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        var names = new List<string>();
        foreach (var create in Groups)
        {
            await using var group = create();
            names.AddRange(group.Limits.Select(limit => limit.Name));
            if (name is not null && group.Limits.All(limit => limit.Name != name))
                continue;

            await group.Start(cancellationToken);
            for (var round = 1; round <= (group.Limits.Any(IsSlow) ? TimesOfSlow : Times); round++)
            {
                await group.Round(round, cancellationToken);
                var newest = group.Limits.Select(limit => $"{limit.Name} {limit.Measured[^1]:0.0} s of {limit.Seconds:0}");
                await Console.Error.WriteLineAsync($"round {round}: {string.Join(", ", newest)}");
            }

            rows.AddRange(group.Limits.Select(Figures));
        }

        return rows.Count > 0
            ? new Report("How long what has a limit takes", Columns, rows)
            : throw new ArgumentException($"There is no limit '{name}'. There are {string.Join(", ", names)}.");
    }

    static bool IsSlow(Limit limit) => limit.Measured.Any(seconds => seconds > Slow);

    static Row Figures(Limit limit)
    {
        var sorted = limit.Measured.Order().ToList();
        return new Row(
            sorted[^1] > limit.Seconds ? $"{limit.Name} (BEYOND THE LIMIT)" : limit.Name,
            [sorted[sorted.Count / 2], sorted[^1], limit.Seconds, sorted.Count]);
    }
}
