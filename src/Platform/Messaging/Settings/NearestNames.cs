namespace Maestro.Bus.Messaging;

/// <summary>Finds the names that somebody may have meant.</summary>
static class NearestNames
{
    const int Most = 3;

    /// <summary>Returns those of the known names that are nearest to a name, the nearest first; none if none is near.</summary>
    public static IReadOnlyList<string> To(string name, IEnumerable<string> known) =>
    [
        .. known.Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(candidate => (Name: candidate, Distance: Distance(name, candidate)))
            .Where(candidate => candidate.Distance <= Math.Max(1, name.Length / 3))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(Most)
            .Select(candidate => candidate.Name),
    ];

    // How many letters have to be changed, added, left out, or swapped with the next (optimal string alignment).
    static int Distance(string one, string other)
    {
        var (a, b) = (one.ToUpperInvariant(), other.ToUpperInvariant());
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }
}
