using System.Text.Json;
using System.Text.Json.Serialization;

namespace Maestro.Bus.Scheduling;

/// <summary>Writes what the store keeps as text, and reads it.</summary>
static class Stored
{
    const int LongestError = 2_000;

    static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options)!;

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? Time(known) : null;

    /// <summary>An error as far as it is kept.</summary>
    public static string? Error(string? text) => text is { Length: > LongestError } ? text[..LongestError] : text;

    public static StoredSchedule Read(ScheduleRow row) =>
        new(Read<ScheduleDefinition>(row.Definition), row.Owner is not null, row.IsPaused, row.Watermark());

    public static ScheduleRun Read(RunRow row) => new(
        row.Id, row.Schedule, DateTimeOffset.FromUnixTimeMilliseconds(row.ScheduledAt),
        DateTimeOffset.FromUnixTimeMilliseconds(row.FiredAt), row.IsManual, row.FiredBy,
        Enum.Parse<RunState>(row.State), row.Attempts,
        row.FinishedAt is { } finished ? DateTimeOffset.FromUnixTimeMilliseconds(finished) : null,
        row.Duration is { } duration ? TimeSpan.FromMilliseconds(duration) : null, row.HandledBy, row.Error);

    public static RunRow Write(Occurrence occurrence, DateTimeOffset now, bool isSkipped = false) => new()
    {
        Id = occurrence.Id,
        Schedule = occurrence.Schedule.Name,
        ScheduledAt = occurrence.ScheduledAt.ToUnixTimeMilliseconds(),
        FiredAt = now.ToUnixTimeMilliseconds(),
        IsManual = occurrence.IsManual,
        FiredBy = Instance.Name,
        State = isSkipped ? nameof(RunState.Skipped) : nameof(RunState.Sent),
        Error = isSkipped ? Occurrence.IsOverlapping : null,
    };
}
