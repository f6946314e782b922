namespace Maestro.Bus.Messaging;

/// <summary>
/// Tells which process reports the figures that all processes share, such as the depth of a queue: one at a time, so that a sum over the
/// processes is what is there.
/// </summary>
public interface ISharedReporter
{
    /// <summary>
    /// Gets whether this process measures and reports them. It does not any more before another one can begin, also if it was frozen.
    /// </summary>
    bool IsReporting { get; }
}
