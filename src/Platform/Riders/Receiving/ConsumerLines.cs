namespace Maestro.Bus.Riders;

/// <summary>Tells the log of the time in which a group's consumers break, one after the other.</summary>
sealed class ConsumerLines(ILogger logger, string group) : IOutageLines
{
    public void Begin(string reason) => Log.ConsumersBreak(logger, group, reason);

    public void GoOn(TimeSpan duration, string reason) => Log.ConsumersStillBreak(logger, group, duration, reason);

    public void End(TimeSpan duration) => Log.ConsumerReads(logger, group, duration);
}
