using System.Globalization;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Template.Tests;

/// <summary>Which version <c>build/version</c> gives a build.</summary>
public sealed partial class VersionTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public VersionTests()
    {
        Directory.CreateDirectory(_folder.At("build"));
        File.Copy(Path.Combine(TemplatePackage.Repository, "build", "version"), _folder.At("build/version"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_git_it_is_a_pre_release_by_time()
    {
        var labels = PreRelease().Match(await Version());

        Assert.True(labels.Success, labels.Value);
        // NuGet compares a larger number as text.
        Assert.All([labels.Groups[1].Value, labels.Groups[2].Value], label =>
            Assert.Equal(label, int.Parse(label, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)));
        Assert.Equal("", labels.Groups[3].Value);
    }

    [Fact]
    public async Task In_a_clone_without_tags_it_names_the_commit_too()
    {
        await Commit();

        Assert.Equal($"g{(await Git("rev-parse", "--short=8", "HEAD")).Trim()}", PreRelease().Match(await Version()).Groups[3].Value);
    }

    [Fact]
    public async Task On_a_tag_it_is_the_tag_s_and_after_a_change_it_is_not()
    {
        await Commit();
        await Git("tag", "v0.4.0");

        Assert.Equal("0.4.0", await Version());
        await File.WriteAllTextAsync(_folder.At("changed"), "", TestContext.Current.CancellationToken);

        Assert.Matches(PreRelease(), await Version());
    }

    async Task Commit()
    {
        await Git("init", "--quiet");
        await Git("add", "--all");
        await Git("-c", "user.name=Tests", "-c", "user.email=tests@example.org", "commit", "--quiet", "--message", "First");
    }

    async Task<string> Git(params IEnumerable<string> arguments) =>
        (await DotNet.RunProgram("git", _folder.Path, null, arguments)).Succeeded();

    async Task<string> Version() =>
        (await DotNet.RunProgram(_folder.At("build/version"), _folder.Path, null)).Succeeded().Trim();

    [GeneratedRegex(@"^0\.0\.1-next-dev\.([0-9]{8})\.([0-9]{1,6})(?:\.(g[0-9a-f]{8}))?$")]
    private static partial Regex PreRelease();
}
