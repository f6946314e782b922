using System.Diagnostics;
using System.Globalization;

namespace Maestro.Bus.Persistence;

/// <summary>Tells a process from every other one, and whether it lives, where that can be seen.</summary>
/// <param name="Place">Where process ids mean the same.</param>
/// <param name="Pid">Its number there.</param>
/// <param name="Started">When it started, by a clock of that place: the number is used again.</param>
sealed record ProcessIdentity(string Place, int Pid, long Started)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Own { get; } = new(FindPlace(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    /// <summary>Whether the process lives; null where that cannot be seen from here.</summary>
    public bool? IsAlive => Place == Own.Place ? StartOf(Pid) == Started : null;

    // Two containers may have one name and two sets of process ids.
    static string FindPlace()
    {
        if (!OperatingSystem.IsLinux())
            return Environment.MachineName;

        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            return $"{Environment.MachineName} {boot} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A place of its own: whether others live shows by their signs of life.
            return $"{Environment.MachineName} {NewId.NextGuid():n}";
        }
    }

    static long? StartOf(int pid)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
                return Process.GetProcessById(pid).StartTime.ToUniversalTime().Ticks;

            // The name, in brackets, may hold anything. After it come the state and, as the twentieth field, the start in ticks since the
            // boot.
            var status = File.ReadAllText($"/proc/{pid}/stat");
            var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or InvalidOperationException)
        {
            // There is no such process, or it ends at this moment.
            return null;
        }
    }
}
