using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Maestro.Bus.Repository.Tests;

/// <summary>The engine's project files are as docs/architecture.md says.</summary>
public sealed partial class ArchitectureTableTests
{
    static readonly string Document = File.ReadAllText(Path.Combine(Solution.Root, "docs", "architecture.md"));

    static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> Allowed = Rows("| Package", 3)
        .SelectMany(row => Names(row[0]).Select(name => (name, References: (IReadOnlySet<string>)Names(row[2]).ToHashSet())))
        .ToDictionary(row => row.name, row => row.References);

    static readonly IReadOnlySet<string> StillToMove = Rows("| From", 3)
        .SelectMany(row => Names(row[1]).Select(to => $"{row[0].Replace("`", "", StringComparison.Ordinal).Trim()} -> {to}"))
        .ToHashSet();

    [Fact]
    public void References_and_opened_internals_are_those_of_the_table() =>
        Assert.Equal(StillToMove.Order(), Offences(Engine()).Order());

    [Fact]
    public void Every_package_has_a_row() =>
        Assert.DoesNotContain(Engine().Keys, name => !Allowed.ContainsKey(name)
            && !StillToMove.Any(arrow => arrow.StartsWith($"{name} -> ", StringComparison.Ordinal)));

    [Theory]
    [InlineData("""<ProjectReference Include="../Riders/Riders.csproj" />""", "Mail -> Riders")]
    [InlineData("""<ProjectReference Include="..\Persistence\Persistence.csproj" />""", "Mail -> Persistence")]
    [InlineData("""<InternalsVisibleTo Include="Maestro.Bus.Alerting" />""", "internals of Mail -> Alerting")]
    public void A_reference_that_the_table_does_not_have_is_found(string item, string offence) =>
        Assert.Equal(
            [offence],
            Offences(new Dictionary<string, XDocument> { ["Mail"] = XDocument.Parse($"<Project><Items>{item}</Items></Project>") }));

    static Dictionary<string, XDocument> Engine() =>
        Directory.EnumerateFiles(Path.Combine(Solution.Root, "src", "Platform"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => XDocument.Load(file));

    static IEnumerable<string> Offences(IReadOnlyDictionary<string, XDocument> projects) =>
        from project in projects
        from item in project.Value.Descendants()
        let to = item.Name.LocalName switch
        {
            "ProjectReference" => Reference(project.Key, item.Attribute("Include")!.Value),
            "InternalsVisibleTo" => Internals(project.Key, item.Attribute("Include")!.Value),
            _ => null,
        }
        where to is not null
        select to;

    static string? Reference(string from, string path)
    {
        var to = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
        return Allowed.TryGetValue(from, out var allowed) && allowed.Contains(to) ? null : $"{from} -> {to}";
    }

    static string? Internals(string from, string to) =>
        to.EndsWith(".Tests", StringComparison.Ordinal)
            ? null
            : $"internals of {from} -> {to.Replace("Maestro.Bus.", "", StringComparison.Ordinal)}";

    static List<string[]> Rows(string header, int columns) =>
        [
            .. Document[Document.IndexOf(header, StringComparison.Ordinal)..].Split('\n')
                .Skip(2).TakeWhile(line => line.StartsWith('|'))
                .Select(line => line.Trim().Trim('|').Split('|')[..columns]),
        ];

    static IEnumerable<string> Names(string cell) => Name().Matches(cell).Select(match => match.Groups[1].Value);

    [GeneratedRegex("`([A-Za-z.]+)`")]
    private static partial Regex Name();
}
