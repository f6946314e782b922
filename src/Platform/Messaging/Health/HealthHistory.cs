using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Keeps the results of the health checks of <c>/health/ready</c>, which run every 5 seconds, with or without a request. It runs no check
/// itself.
/// </summary>
public sealed class HealthHistory(TimeProvider time) : IHealthCheckPublisher
{
    // Three runs without an answer.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    volatile IReadOnlyList<HealthState> _states = [];
    long _published;

    /// <summary>Gets the state of each check, as of the last run.</summary>
    public IReadOnlyList<HealthState> All => _states;

    /// <summary>Gets how long ago the checks have answered last; null if they have not yet.</summary>
    public TimeSpan? Age => Volatile.Read(ref _published) is > 0 and var published ? time.GetElapsedTime(published) : null;

    /// <summary>Gets whether the checks have not answered for so long that <see cref="All"/> tells nothing any more.</summary>
    public bool IsSilent => Age > Patience;

    /// <inheritdoc />
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        var now = time.GetUtcNow();
        var before = _states.ToDictionary(state => state.Name, StringComparer.Ordinal);
        _states =
        [
            .. report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => Next(before.GetValueOrDefault(entry.Key), entry.Key, entry.Value, now)),
        ];
        Volatile.Write(ref _published, time.GetTimestamp());
        return Task.CompletedTask;
    }

    static HealthState Next(HealthState? before, string name, HealthReportEntry entry, DateTimeOffset now)
    {
        var isSame = before?.Status == entry.Status;
        var isFailure = entry.Status != HealthStatus.Healthy;
        var recoveries = before?.Recoveries ?? 0;
        return new HealthState(
            name, HealthTags.FindBroker(entry.Tags), entry.Status, entry.Description, isSame ? before!.Since : now,
            isFailure ? entry.Description : before?.LastError,
            isFailure ? now : before?.LastErrorAt,
            isFailure || isSame || before is null ? recoveries : recoveries + 1);
    }
}

/// <summary>What a health check has found.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Broker">The broker or rider that it is about; null if it is about neither.</param>
/// <param name="Status">What it has found last.</param>
/// <param name="Description">The same in words; null if it says nothing.</param>
/// <param name="Since">Since when it has found that.</param>
/// <param name="LastError">What it has said when it was not healthy last; null if it always was.</param>
/// <param name="LastErrorAt">When that was.</param>
/// <param name="Recoveries">How often it has become healthy again.</param>
public sealed record HealthState(
    string Name,
    string? Broker,
    HealthStatus Status,
    string? Description,
    DateTimeOffset Since,
    string? LastError,
    DateTimeOffset? LastErrorAt,
    int Recoveries);
