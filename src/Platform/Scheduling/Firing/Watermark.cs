namespace Maestro.Bus.Scheduling;

/// <summary>Up to when the occurrences of a schedule are dealt with, by clocks that may be wrong for a while.</summary>
/// <param name="DoneUntil">Up to when they are.</param>
/// <param name="Corrections">How often it was put back. The runs after that have other ids than those before, though they be due at the
/// same time.</param>
/// <param name="CorrectedAt">When it was put back last; null if it has come as far again.</param>
/// <param name="CorrectedFrom">From where it was put back.</param>
readonly record struct Watermark(DateTimeOffset DoneUntil, int Corrections, DateTimeOffset? CorrectedAt, DateTimeOffset? CorrectedFrom)
{
    /// <summary>More than clocks of hosts in order differ by, and than an alarm rings early.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);

    // A clock that is behind for longer is not known from one that was ahead.
    static readonly TimeSpan LongestBehind = TimeSpan.FromDays(1);

    /// <summary>Whether it lies in the future: the clock was ahead when it was written, or is behind now.</summary>
    public bool IsAhead(DateTimeOffset now) => DoneUntil > now + Tolerance;

    /// <summary>
    /// Puts it back, as the clock was ahead. It goes on from the newest run that was due by now, so that the time in which the clock was
    /// wrong is caught up with as far as it counts as late;
    /// what was due later comes again at its time. Without a run to go by it goes on from now.
    /// </summary>
    public Watermark PutBack(DateTimeOffset now, DateTimeOffset? newest, TimeSpan threshold) => new(
        newest is not { } run ? now : run > now - threshold ? run : now - threshold, Corrections + 1, now,
        CorrectedFrom > DoneUntil ? CorrectedFrom : DoneUntil);

    /// <summary>Begins anew at a time: what was due before does not run.</summary>
    public Watermark Begin(DateTimeOffset now) => IsAhead(now) ? PutBack(now, null, TimeSpan.Zero) : this with { DoneUntil = now };

    /// <summary>
    /// Comes to the time from which it was put back. If runs have been missed on the way, then the clock was not ahead before, but behind
    /// since, and is put right: what was dealt
    /// with is dealt with.
    /// </summary>
    /// <param name="until">The end of what is due.</param>
    /// <param name="isMissing">Whether runs are due that are later than late.</param>
    public Watermark Reach(DateTimeOffset until, bool isMissing)
    {
        if (CorrectedFrom is not { } from || until < from)
            return this;

        var isBehind = isMissing && DoneUntil < from && DoneUntil - CorrectedAt < LongestBehind;
        return new(isBehind ? from : DoneUntil, Corrections, null, null);
    }
}
