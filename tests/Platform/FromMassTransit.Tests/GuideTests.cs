namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>
/// The sample differs from the same application on MassTransit's own packages by the guide's lines alone. The project does not refer to
/// these packages: the files that differ are kept beside this test as they are written for them.
/// </summary>
public sealed class GuideTests
{
    static readonly string Sample = Path.Combine(Guide.Root, "samples", "from-masstransit");
    static readonly string Official = Path.Combine(Guide.Root, "tests", "Platform", "FromMassTransit.Tests", "Official");

    [Fact]
    public void The_guide_lists_each_line_that_differs_and_no_other()
    {
        var (removed, added) = (new List<string>(), new List<string>());
        foreach (var file in Directory.EnumerateFiles(Official))
        {
            var (official, ours) = (Read(file), Read(Path.Combine(Sample, Path.GetFileNameWithoutExtension(file))));
            removed.AddRange(Beside(official, ours));
            added.AddRange(Beside(ours, official));
        }

        Assert.Equal(Guide.Removed.Order(StringComparer.Ordinal), removed.Order(StringComparer.Ordinal));
        Assert.Equal(Guide.Added.Order(StringComparer.Ordinal), added.Order(StringComparer.Ordinal));
        Assert.True(added.Count > 5, $"The files differ in {added.Count} lines.");
    }

    [Fact]
    public void No_other_line_of_the_sample_names_this_bus()
    {
        var files = Directory.EnumerateFiles(Sample).Where(file => Path.GetExtension(file) is ".cs" or ".csproj" or ".json").ToList();

        Assert.True(files.Count > 5, $"The sample has {files.Count} files.");
        Assert.All(
            files.SelectMany(Read).Where(line => line.Contains("Maestro", StringComparison.OrdinalIgnoreCase)),
            line => Assert.Contains(line, Guide.Added));
    }

    [Fact]
    public void The_tests_that_the_guide_names_are_there()
    {
        var tests = Path.Combine(Guide.Root, "tests");

        Assert.True(Guide.Tests.Count > 5, $"The guide names {Guide.Tests.Count} tests.");
        Assert.All(
            Guide.Tests,
            test => Assert.Contains(
                Directory.EnumerateFiles(tests, $"{test.Class}.cs", SearchOption.AllDirectories),
                file => File.ReadAllText(file).Contains($" {test.Method}(", StringComparison.Ordinal)));
    }

    static List<string> Read(string file) => [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];

    static IEnumerable<string> Beside(IEnumerable<string> lines, IEnumerable<string> others)
    {
        var left = others.CountBy(line => line).ToDictionary();
        foreach (var line in lines)
        {
            if (left.TryGetValue(line, out var count) && count > 0)
                left[line] = count - 1;
            else
                yield return line;
        }
    }
}
