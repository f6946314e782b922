namespace Maestro.Bus.Repository.Tests;

/// <summary>MSBuild takes the nearest props and targets file only: one below another has to import it.</summary>
public sealed class BuildFileTests
{
    // The engine's Directory.Packages.props stands alone: its versions come with its source, whatever the bus around it has.
    static readonly string[] Names = ["Directory.Build.props", "Directory.Build.targets"];

    [Fact]
    public void A_nested_props_or_targets_file_imports_its_parent()
    {
        var nested = Names
            .SelectMany(name => new[] { "src", "tests" }
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Solution.Root, folder), name, SearchOption.AllDirectories)))
            .Where(file => Parents(file).Any(File.Exists))
            .ToList();

        Assert.NotEmpty(nested);
        Assert.Empty(
            nested.Where(file => !File.ReadAllText(file)
                    .Contains($"<Import Project=\"$([MSBuild]::GetPathOfFileAbove('{Path.GetFileName(file)}'", StringComparison.Ordinal))
                .Select(file => $"{Path.GetRelativePath(Solution.Root, file)} hides the file of its name above it. Import that one."));
    }

    static IEnumerable<string> Parents(string file)
    {
        for (var folder = Directory.GetParent(Path.GetDirectoryName(file)!); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, Path.GetFileName(file));
            if (folder.FullName == Path.TrimEndingDirectorySeparator(Solution.Root))
                yield break;
        }
    }
}
