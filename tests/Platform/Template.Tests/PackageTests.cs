using System.IO.Compression;

namespace Maestro.Bus.Template.Tests;

public sealed class PackageTests(TemplatePackage package)
{
    [Fact]
    public void The_package_holds_the_templates_and_their_dot_files()
    {
        using var archive = ZipFile.OpenRead(package.File);
        var entries = archive.Entries.Select(entry => entry.FullName).ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "content/.template.config/template.json",
                "content/.editorconfig",
                "content/.gitignore",
                "content/README.template.md",
                "content/templates/domain/.template.config/template.json",
                "content/templates/consumer/.template.config/template.json",
                "content/templates/saga/.template.config/template.json",
                "content/templates/schedule/.template.config/template.json",
            },
            entries);
    }

    [Theory]
    [InlineData("content/build/")]
    [InlineData("content/.ci/")]
    [InlineData("content/.git/")]
    [InlineData("content/artifacts/")]
    [InlineData("content/tests/Platform/Template.Tests/")]
    [InlineData("content/tests/Platform/Benchmarks/")]
    public void The_package_holds_nothing_that_is_not_for_its_users(string folder)
    {
        using var archive = ZipFile.OpenRead(package.File);

        Assert.DoesNotContain(archive.Entries, entry => entry.FullName.StartsWith(folder, StringComparison.Ordinal));
    }
}
