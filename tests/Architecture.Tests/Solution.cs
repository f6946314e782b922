using System.Reflection;
using System.Xml.Linq;

namespace MaestroBus.Architecture.Tests;

/// <summary>A project of the team's, with the projects and packages that its file or its assembly refers to.</summary>
public sealed record Project(string Name, string Folder, IReadOnlySet<string> References, IReadOnlySet<string> Packages)
{
    public bool IsContracts =>
        Folder.StartsWith("Domains/", StringComparison.Ordinal) && Name.EndsWith(".Contracts", StringComparison.Ordinal);

    public bool IsDomain => Folder.StartsWith("Domains/", StringComparison.Ordinal) && !IsContracts;
}

/// <summary>The solution as it lies on disk and as it was compiled.</summary>
static class Solution
{
    const string EnginePrefix = "Maestro.Bus.";

    public static string Root { get; } = TestFolder.Above("Directory.Packages.props");

    /// <summary>The prefix of what is not the engine's, such as <c>Acme.</c> of <c>Acme.Host</c>.</summary>
    static string Prefix { get; } = typeof(Program).Assembly.GetName().Name![..^"Host".Length];

    public static IReadOnlyList<Project> Projects { get; } =
        [.. new[] { "Domains", "Host" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, "src", folder), "*.csproj", SearchOption.AllDirectories))
            .Select(Read)];

    static Project Read(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var folder = Path.GetRelativePath(Path.Combine(Root, "src"), Path.GetDirectoryName(file)!).Replace('\\', '/');
        var items = XDocument.Load(file).Descendants().ToList();
        var assembly = items.Find(item => item.Name.LocalName == "AssemblyName")?.Value ?? Prefix + name;
        var compiled = Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!).ToList();

        return new Project(
            name,
            folder,
            Includes(items, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))
                .Concat(Includes(items, "PlatformReference").SelectMany(names => names.Split(';')))
                .Concat(new[] { Prefix, EnginePrefix }.SelectMany(known => compiled
                    .Where(reference => reference.StartsWith(known, StringComparison.Ordinal))
                    .Select(reference => reference[known.Length..])))
                .ToHashSet(),
            Includes(items, "PackageReference").Concat(Includes(items, "FrameworkReference")).ToHashSet());
    }

    static IEnumerable<string> Includes(IEnumerable<XElement> items, string kind) =>
        items.Where(item => item.Name.LocalName == kind).Select(item => item.Attribute("Include")!.Value);
}
