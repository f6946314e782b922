namespace Maestro.Bus.Scheduling;

/// <summary>A schedule. Times are milliseconds of universal time since 1970, so that both databases compare them.</summary>
sealed class ScheduleRow
{
    public required string Name { get; init; }

    /// <summary>Which domain or application declares it; none for one that was scheduled at run time.</summary>
    public string? Owner { get; set; }

    public required string Definition { get; set; }

    public bool IsPaused { get; set; }

    /// <summary>Up to when its occurrences are dealt with.</summary>
    public long DoneUntil { get; set; }

    /// <summary>The next occurrence, for whoever looks for overdue ones; none after the last.</summary>
    public long? NextAt { get; set; }

    /// <inheritdoc cref="Watermark.Corrections" />
    public int Corrections { get; set; }

    /// <inheritdoc cref="Watermark.CorrectedAt" />
    public long? CorrectedAt { get; set; }

    /// <inheritdoc cref="Watermark.CorrectedFrom" />
    public long? CorrectedFrom { get; set; }

    /// <summary>Reads how far it has come.</summary>
    public Watermark Watermark() => new(Stored.Time(DoneUntil), Corrections, Stored.Time(CorrectedAt), Stored.Time(CorrectedFrom));

    /// <summary>Writes down how far it has come.</summary>
    public void Write(Watermark watermark) => (DoneUntil, Corrections, CorrectedAt, CorrectedFrom) = (
        watermark.DoneUntil.ToUnixTimeMilliseconds(), watermark.Corrections, watermark.CorrectedAt?.ToUnixTimeMilliseconds(),
        watermark.CorrectedFrom?.ToUnixTimeMilliseconds());

    /// <summary>Writes a definition down, and whether that has changed anything.</summary>
    public bool Set(string? owner, ScheduleDefinition definition, DateTimeOffset now)
    {
        var text = Stored.Write(definition);
        Owner = owner;
        if (Definition == text)
            return false;

        if (Definition == "" || !Stored.Read(this).Definition.HasTimesOf(definition))
            Begin(definition, now);
        Definition = text;
        return true;
    }

    /// <summary>What was due before does not run.</summary>
    public void Begin(ScheduleDefinition definition, DateTimeOffset now)
    {
        Write(Watermark().Begin(now));
        NextAt = new Timetable(definition).Next(now)?.ToUnixTimeMilliseconds();
    }
}

/// <summary>One run of a schedule. Its id is its message's.</summary>
sealed class RunRow
{
    public required Guid Id { get; init; }

    public required string Schedule { get; init; }

    public long ScheduledAt { get; init; }

    public long FiredAt { get; init; }

    public bool IsManual { get; init; }

    public required string FiredBy { get; init; }

    public required string State { get; set; }

    public int Attempts { get; set; }

    public long? FinishedAt { get; set; }

    public long? Duration { get; set; }

    public string? HandledBy { get; set; }

    public string? Error { get; set; }
}

/// <summary>A message that is due later than the transport is trusted with.</summary>
sealed class MessageRow
{
    public required Guid Token { get; init; }

    public long DueAt { get; init; }

    public required string Message { get; init; }
}

/// <summary>A scheduled message that is not to be delivered.</summary>
sealed class CancelledRow
{
    public required Guid Token { get; init; }

    public long CancelledAt { get; init; }
}

/// <summary>All that a domain or an application declares, in one of its versions.</summary>
sealed class DeclarationRow
{
    public required string Owner { get; init; }

    /// <summary>The same for all hosts that declare the same.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The highest one of an owner is in force.</summary>
    public long Generation { get; set; }

    /// <summary>When a host with this version was alive.</summary>
    public long SeenAt { get; set; }
}
