using System.Reflection;
using System.Xml.Linq;

namespace Maestro.Bus.Repository.Tests;

/// <summary>A project under src, with the projects and packages that its file or its assembly refers to.</summary>
public sealed record Project(string Name, string Folder, IReadOnlySet<string> References, IReadOnlySet<string> Packages)
{
    public bool IsContracts =>
        Folder.StartsWith("Domains/", StringComparison.Ordinal) && Name.EndsWith(".Contracts", StringComparison.Ordinal);

    public bool IsDomain => Folder.StartsWith("Domains/", StringComparison.Ordinal) && !IsContracts;

    public bool IsEngine => Folder.StartsWith("Platform/", StringComparison.Ordinal);

    public bool IsRider => IsEngine && (Name == "Riders" || Name.StartsWith("Riders.", StringComparison.Ordinal));

    public bool IsTransport => IsEngine && Name.StartsWith("Transports.", StringComparison.Ordinal);

    public bool IsAdmin => IsEngine && (Name == "Admin" || Name.StartsWith("Admin.", StringComparison.Ordinal));

    public bool IsCli => IsEngine && Name == "Cli";

    /// <summary>Whether it is one of the blocks of the engine that all others may be built on.</summary>
    public bool IsPlatform => IsEngine && !IsRider && !IsTransport && !IsAdmin && !IsCli;
}

/// <summary>The solution as it lies on disk and as it was compiled.</summary>
static class Solution
{
    const string EnginePrefix = "Maestro.Bus.";

    public static string Root { get; } = TestFolder.Above("Directory.Packages.props");

    /// <summary>The prefix of what is not the engine's, such as <c>Acme.</c> of <c>Acme.Host</c>.</summary>
    static string Prefix { get; } = "MaestroBus.";

    public static IReadOnlyList<Project> Projects { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(Read)];

    static Project Read(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var folder = Path.GetRelativePath(Path.Combine(Root, "src"), Path.GetDirectoryName(file)!).Replace('\\', '/');
        var items = XDocument.Load(file).Descendants().ToList();
        var prefix = folder.StartsWith("Platform/", StringComparison.Ordinal) ? EnginePrefix : Prefix;
        var assembly = items.Find(item => item.Name.LocalName == "AssemblyName")?.Value ?? prefix + name;
        var compiled = Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!).ToList();

        return new Project(
            name,
            folder,
            items.Where(item => item.Name.LocalName == "ProjectReference")
                .Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))
                .Concat(new[] { Prefix, EnginePrefix }.SelectMany(known => compiled
                    .Where(reference => reference.StartsWith(known, StringComparison.Ordinal))
                    .Select(reference => reference[known.Length..])))
                .ToHashSet(),
            items.Where(item => item.Name.LocalName is "PackageReference" or "FrameworkReference")
                .Select(item => item.Attribute("Include")!.Value).ToHashSet());
    }
}
