using System.Globalization;

namespace Maestro.Bus.Scheduling;

/// <summary>One time that a schedule runs at, or was triggered at.</summary>
sealed record Occurrence(ScheduleDefinition Schedule, DateTimeOffset ScheduledAt, bool IsManual, int Corrections = 0)
{
    /// <summary>Why one was left out.</summary>
    public const string IsOverlapping = "An earlier run had not ended.";

    /// <summary>The same for the same occurrence, whoever fires it.</summary>
    public Guid Id { get; } = DeterministicId.Of(
        $"{Schedule.Name}/{(IsManual ? "manual" : "run")}/{ScheduledAt.UtcTicks}{(Corrections > 0 ? $"/{Corrections}" : "")}");

    /// <summary>How much later its message is delivered: as random as the id, and as repeatable.</summary>
    public TimeSpan Delay =>
        IsManual ? TimeSpan.Zero : Schedule.Jitter * (BitConverter.ToUInt32(Id.ToByteArray(), 8) / (double)uint.MaxValue);

    public StoredMessagePipe Pipe(TimeProvider time) => new(Schedule.Message, time, context =>
    {
        context.MessageId = Id;
        context.Headers.Set(ScheduleHeaders.Schedule, Schedule.Name);
        context.Headers.Set(ScheduleHeaders.Run, Id.ToString());
        context.Headers.Set(ScheduleHeaders.ScheduledAt, ScheduledAt.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));

        if (Delay > TimeSpan.Zero)
            context.Delay = Delay;
    });
}
