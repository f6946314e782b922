namespace MaestroBus.Scheduling;

/// <summary>
/// Which of the processes on one SQLite file runs the schedules: the one that has locked a file beside it. The lock ends with its process, however that ends, and another takes over.
/// Quartz itself would run them in each, for it knows no cluster on SQLite.
/// </summary>
sealed class SchedulerLead(string path) : IDisposable
{
    readonly string _path = $"{path}.schedules";
    FileStream? _held;

    /// <summary>Whether this process runs the schedules, after having tried to.</summary>
    public bool TryTake()
    {
        if (_held is not null)
            return true;

        try
        {
            // The file stays: one that is deleted can be locked by two, each with a file of its own.
            _held = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException) when (File.Exists(_path))
        {
            // Another process has it.
            return false;
        }
    }

    public void Dispose() => _held?.Dispose();
}
