namespace Maestro.Bus.Scheduling;

/// <summary>Knows for how long nobody has been seen to run the schedules, although this host could.</summary>
sealed class HolderWatch(SchedulingSettings settings, TimeProvider time)
{
    /// <summary>For so long a change of holder may take, with a host that was killed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    long _seen = time.GetTimestamp();
    volatile string _reason = "no host holds the lease on them";

    /// <summary>Gets a sentence about schedules without a holder, or null.</summary>
    public string? Problem => settings.Run && time.GetElapsedTime(Volatile.Read(ref _seen)) is var silence
        && silence > Patience + settings.SweepInterval
        ? $"No host has run the schedules for {silence.TotalSeconds:0} s: {_reason}."
        : null;

    /// <summary>A host, this one or another, runs the schedules.</summary>
    public void Seen() => Volatile.Write(ref _seen, time.GetTimestamp());

    /// <summary>This host could not run them.</summary>
    public void Failed(Exception exception) => _reason = LogText.Reason(exception);
}
