using System.Text.Json;

namespace Maestro.Bus.Admin;

/// <summary>A job's state as people see it: its stage, and whether it is being cancelled while it runs.</summary>
static class JobState
{
    const string Canceling = "canceling";

    static readonly Dictionary<string, (JobStage Stage, bool IsCanceling)> States = new(
        Enum.GetValues<JobStage>().Select(stage => KeyValuePair.Create(Name(stage, false), (stage, false)))
            .Append(KeyValuePair.Create(Canceling, (JobStage.Running, true))),
        StringComparer.OrdinalIgnoreCase);

    public static string Name(JobStage stage, bool isCanceling) =>
        isCanceling ? Canceling : JsonNamingPolicy.CamelCase.ConvertName($"{stage}");

    /// <exception cref="InvalidMessageException">There is no such state.</exception>
    public static (JobStage Stage, bool IsCanceling) Parse(string state) => States.TryGetValue(state, out var known)
        ? known
        : throw new InvalidMessageException($"The state is '{state}'. Use one of {string.Join(", ", States.Keys)}.");
}
