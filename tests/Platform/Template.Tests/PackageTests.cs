using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Maestro.Bus.Template.Tests;

/// <summary>What <c>build/pack</c> has packed.</summary>
public sealed class PackageTests(TemplatePackage package)
{
    // A team commits it at every upgrade.
    const long LargestFeed = 8_000_000;

    static readonly string Platform = Path.Combine(TemplatePackage.Repository, "src", "Platform");

    static readonly List<string> Projects = [.. Directory.GetFiles(Platform, "*.csproj", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void The_templates_hold_their_dot_files_and_the_packages()
    {
        using var archive = ZipFile.OpenRead(package.File);
        var entries = archive.Entries.Select(entry => entry.FullName).ToHashSet();

        Assert.Superset(
            package.Engine.Select(file => $"content/feed/{Path.GetFileName(file)}")
                .Concat(["content/.template.config/template.json", "content/.editorconfig", "content/.gitattributes", "content/.gitignore",
                    "content/templates/bus/.config/dotnet-tools.json", "content/templates/bus/.maestro.json",
                    "content/README.template.md", "content/templates/domain/.template.config/template.json",
                    "content/templates/consumer/.template.config/template.json", "content/templates/job/.template.config/template.json",
                    "content/templates/saga/.template.config/template.json", "content/templates/schedule/.template.config/template.json"])
                .ToHashSet(),
            entries);
    }

    [Theory]
    [InlineData("content/build/")]
    [InlineData("content/.ci/")]
    [InlineData("content/.git/")]
    [InlineData("content/artifacts/")]
    [InlineData("content/tests/Platform/")]
    [InlineData("content/samples/from-masstransit/")]
    public void The_templates_hold_nothing_that_is_not_for_their_users(string folder)
    {
        using var archive = ZipFile.OpenRead(package.File);

        Assert.DoesNotContain(archive.Entries, entry => entry.FullName.StartsWith(folder, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_of_the_engine_is_a_package_of_the_one_version() =>
        Assert.Equal(
            Projects.Select(project => $"Maestro.Bus.{Path.GetFileNameWithoutExtension(project)}.{package.Version}.nupkg").Order(),
            package.Engine.Select(file => Path.GetFileName(file)).Order());

    [Fact]
    public void The_feed_is_small() => Assert.InRange(package.Engine.Sum(file => new FileInfo(file).Length), 1, LargestFeed);

    [Fact]
    public void A_package_depends_on_what_its_project_names_and_on_the_engine_in_exactly_its_version() =>
        Assert.All(Projects.Where(project => !project.EndsWith("Cli.csproj", StringComparison.Ordinal)), project =>
        {
            var items = XDocument.Load(project).Descendants().ToList();
            var versions = XDocument.Load(Path.Combine(Platform, "Directory.Packages.props")).Descendants("PackageVersion")
                .ToDictionary(item => item.Attribute("Include")!.Value, item => item.Attribute("Version")!.Value);
            var expected = Includes(items, "PackageReference").Select(name => (name, versions[name]))
                .Concat(Includes(items, "ProjectReference")
                    .Select(path => ($"Maestro.Bus.{Path.GetFileNameWithoutExtension(path)}", $"[{package.Version}]")));

            var actual = Nuspec(project).Descendants().Where(item => item.Name.LocalName == "dependency")
                .Select(item => (item.Attribute("id")!.Value, item.Attribute("version")!.Value.Replace(" ", "", StringComparison.Ordinal)));

            Assert.Equal(expected.Order(), actual.Order());
        });

    [Fact]
    public void A_package_has_a_licence_a_readme_and_a_description_and_changes_no_build() =>
        Assert.All(Projects, project =>
        {
            var nuspec = Nuspec(project).Descendants().ToLookup(item => item.Name.LocalName, item => item.Value);
            using var archive = ZipFile.OpenRead(Package(project));

            Assert.Equal("Apache-2.0", nuspec["license"].Single());
            Assert.Contains(archive.Entries, entry => entry.FullName == nuspec["readme"].Single());
            Assert.Contains(archive.Entries, entry => entry.FullName == "NOTICE");
            Assert.NotEqual("Package Description", nuspec["description"].Single());
            Assert.DoesNotContain(archive.Entries, entry => entry.FullName.StartsWith("build", StringComparison.Ordinal));
        });

    [Fact]
    public void An_assembly_has_the_packages_version_and_its_source_under_no_path_of_this_machine()
    {
        using var folder = new TemporaryFolder();
        Assert.All(Projects.Where(project => !project.EndsWith("Cli.csproj", StringComparison.Ordinal)), project =>
        {
            var name = $"Maestro.Bus.{Path.GetFileNameWithoutExtension(project)}";
            using (var archive = ZipFile.OpenRead(Package(project)))
                archive.GetEntry($"lib/net10.0/{name}.dll")!.ExtractToFile(folder.At($"{name}.dll"));

            Assert.Equal(package.Version, FileVersionInfo.GetVersionInfo(folder.At($"{name}.dll")).ProductVersion);
            using var file = File.OpenRead(folder.At($"{name}.dll"));
            using var assembly = new PEReader(file);
            using var symbols = assembly.ReadEmbeddedPortablePdbDebugDirectoryData(assembly.ReadDebugDirectory()
                .Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb));
            var reader = symbols.GetMetadataReader();
            var sources = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();
            Assert.NotEmpty(sources);
            Assert.All(sources, source => Assert.StartsWith("/_/", source, StringComparison.Ordinal));
        });
    }

    static IEnumerable<string> Includes(IEnumerable<XElement> items, string kind) =>
        items.Where(item => item.Name.LocalName == kind && item.Attribute("PrivateAssets") is null)
            .Select(item => item.Attribute("Include")!.Value);

    string Package(string project)
    {
        var name = $"Maestro.Bus.{Path.GetFileNameWithoutExtension(project)}.{package.Version}.nupkg";
        return package.Engine.Single(file => Path.GetFileName(file) == name);
    }

    XDocument Nuspec(string project)
    {
        using var archive = ZipFile.OpenRead(Package(project));
        using var nuspec = archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec);
    }
}
