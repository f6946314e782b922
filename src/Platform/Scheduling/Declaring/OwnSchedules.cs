using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Scheduling;

/// <summary>All schedules that one owner declares: a domain, or an application by its configuration.</summary>
sealed record OwnSchedules(string Owner, IReadOnlyList<ScheduleDefinition> Definitions)
{
    /// <summary>The same for everybody who declares the same.</summary>
    public string Fingerprint { get; } = Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(
            string.Join('\n', Definitions.OrderBy(definition => definition.Name, StringComparer.Ordinal).Select(Stored.Write)))));
}
