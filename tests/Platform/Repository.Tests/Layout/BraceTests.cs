using System.Text.RegularExpressions;

namespace Maestro.Bus.Repository.Tests;

/// <summary>A statement that is all that another one controls needs no braces, unless it controls something itself.</summary>
public sealed partial class BraceTests
{
    [Fact]
    public void Control_flow_within_control_flow_has_braces_around_it() =>
        Assert.Empty(
            SourceFiles.All
                .SelectMany(file => Nested(file.Lines).Select(line => $"{file.Place}:{line + 1} is nested. Put braces around it.")));

    [Theory]
    [InlineData(2, "foreach (var one in all)", "    // Why.", "    if (one)", "        Do();")]
    [InlineData(2, "foreach (var one in", "    all)", "    if (one)", "        Do();")]
    [InlineData(1, "else", "    lock (all)", "        Do();")]
    [InlineData(-1, "foreach (var one in all)", "{", "    if (one)", "        Do();", "}")]
    [InlineData(-1, "if (one)", "    Do();", "else if (other)", "    Do();")]
    [InlineData(-1, "await using (one)", "await using (other)", "    Do();")]
    [InlineData(-1, "all.Select(one =>", "    (one));", "if (one)", "    Do();")]
    public void Such_a_place_is_found(int line, params string[] lines) => Assert.Equal(line < 0 ? [] : [line], Nested(lines));

    static IEnumerable<int> Nested(string[] lines)
    {
        for (var line = 1; line < lines.Length; line++)
        {
            if (Control().IsMatch(lines[line]) && Outer(lines, line) is { } outer && Control().IsMatch(outer))
                yield return line;
        }
    }

    /// <summary>The first line of the statement that ends without braces before a line that is further in.</summary>
    static string? Outer(string[] lines, int line)
    {
        var last = line - 1;
        while (last >= 0 && (lines[last].Trim() is var text && (text.Length == 0 || text.StartsWith("//", StringComparison.Ordinal))))
            last--;
        if (last < 0 || !(lines[last].EndsWith(')') || lines[last].Trim() is "else" or "do"))
            return null;

        while (last > 0 && (lines[last].Length == 0 || Indent(lines[last]) >= Indent(lines[line])))
            last--;
        return Indent(lines[last]) < Indent(lines[line]) ? lines[last] : null;
    }

    static int Indent(string line) => line.Length - line.TrimStart().Length;

    [GeneratedRegex(@"^\s*((else if|if|for|foreach|await foreach|while|lock|fixed|switch)\b|(await )?using \(|(else|do|try)$)")]
    private static partial Regex Control();
}
