namespace Maestro.Bus.Messaging;

/// <summary>What all figures that processes share have in common.</summary>
public static class SharedFigure
{
    /// <summary>How often such figures are measured: every 5 seconds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
}

/// <summary>
/// A figure that all processes share. It ends when another process reports it, and when its source has been silent for three measurements:
/// the last value is not repeated.
/// </summary>
/// <param name="reporter">Tells whether this process reports; null for a process that shares nothing.</param>
/// <param name="time">The stopwatch.</param>
/// <param name="interval">How often it is measured, where that is less often than <see cref="SharedFigure.Interval"/>.</param>
public sealed class SharedFigure<T>(ISharedReporter? reporter, TimeProvider time, TimeSpan interval = default)
    where T : class
{
    readonly TimeSpan _oldest = 3 * (interval > SharedFigure.Interval ? interval : SharedFigure.Interval);

    volatile Measured? _measured;

    /// <summary>Gets the figure; null if this process does not report it, or its source is silent.</summary>
    public T? Current =>
        reporter?.IsReporting == true && _measured is { } measured && time.GetElapsedTime(measured.At) < _oldest
            ? measured.Value
            : null;

    /// <summary>Notes the figure.</summary>
    public void Set(T value) => _measured = new Measured(value, time.GetTimestamp());

    sealed record Measured(T Value, long At);
}
