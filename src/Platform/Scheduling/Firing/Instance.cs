namespace Maestro.Bus.Scheduling;

/// <summary>This process, as the history names it.</summary>
static class Instance
{
    public static string Name { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";
}
