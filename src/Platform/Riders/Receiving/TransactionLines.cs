namespace Maestro.Bus.Riders;

/// <summary>Tells the log of the time in which a group's transactions come to nothing.</summary>
sealed class TransactionLines(ILogger logger, string group) : IOutageLines
{
    public void Begin(string reason) => Log.TransactionsHeldUp(logger, group, reason);

    public void GoOn(TimeSpan duration, string reason) => Log.TransactionsStillHeldUp(logger, group, duration, reason);

    public void End(TimeSpan duration) => Log.TransactionsGoOn(logger, group, duration);
}
