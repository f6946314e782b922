namespace Maestro.Bus.Scheduling;

/// <summary>
/// Stops a start whose schedules send to a queue that the host does not have: the messages would pile up in a queue that nobody reads.
/// </summary>
sealed class ScheduleQueueCheck(ScheduleCatalog catalog, QueuePolicies policies) : IStartCheck
{
    /// <summary>What the queue of another program is written with.</summary>
    public const string Scheme = "queue:";

    public static bool IsAddress(string queue) => queue.StartsWith(Scheme, StringComparison.Ordinal);

    public void Check(SettingsProblems problems)
    {
        foreach (var declaration in catalog.Declarations)
        {
            if (declaration.Settings.Queue is { } queue && !IsAddress(queue) && !policies.Endpoints.Contains(queue))
                problems.Add(
                    $"Bus:{ScheduleCatalog.Section}:{declaration.Name}:Queue", queue,
                    $"This host has {string.Join(", ", policies.Endpoints.Order(StringComparer.Ordinal))}. If another program has it, "
                        + $"write {Scheme}{queue}.");
        }
    }
}
