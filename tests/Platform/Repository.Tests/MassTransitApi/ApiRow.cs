namespace Maestro.Bus.Repository.Tests;

/// <summary>What the list says of a member of MassTransit's configuration API.</summary>
/// <param name="Type">The type that has it there; a static class for an extension method.</param>
/// <param name="Member">Its name with its parameters' types; <c>(type)</c> for a type without members.</param>
/// <param name="Mark"><c>same</c>, <c>different</c> or <c>missing</c>.</param>
/// <param name="Note">How it differs, or why it is missing.</param>
sealed record ApiRow(string Type, string Member, string Mark, string Note)
{
    /// <summary>The member's name without its parameters.</summary>
    public string Name => Member.Split('(', '<')[0];

    /// <summary>Reads the tables below the headings that name the types.</summary>
    public static IEnumerable<ApiRow> Read(string file)
    {
        string? type = null;
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith("#### `", StringComparison.Ordinal))
                type = line[6..].TrimEnd('`');
            else if (line.StartsWith("| `", StringComparison.Ordinal) && type is not null)
            {
                var cells = line.Trim('|').Split('|');
                yield return new ApiRow(type, cells[0].Trim().Trim('`'), cells[1].Trim(), cells[2].Trim());
            }
        }
    }
}
