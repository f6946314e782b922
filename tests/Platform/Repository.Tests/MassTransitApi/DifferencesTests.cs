using System.Reflection;

namespace Maestro.Bus.Repository.Tests;

/// <summary>The list of <c>docs/masstransit-differences.md</c> is true of our assemblies.</summary>
public sealed class DifferencesTests
{
    static readonly string[] Marks = ["same", "different", "missing"];

    static readonly List<ApiRow> Rows = [.. ApiRow.Read(Path.Combine(Solution.Root, "docs", "masstransit-differences.md"))];

    // MassTransit's own package has the SQL transport's configurators, which ours uses.
    static readonly ApiMembers Members = new(
        Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Solution.Projects.Any(
                project => Path.GetFileName(file).EndsWith($".{project.Name}.dll", StringComparison.Ordinal)))
            .Select(Assembly.LoadFrom)
            .Append(typeof(IBusRegistrationConfigurator).Assembly)
            .Append(typeof(ISqlBusFactoryConfigurator).Assembly));

    [Fact]
    public void Each_row_has_a_mark_and_says_how_it_differs_or_why_it_is_missing()
    {
        Assert.True(Rows.Count > 300, $"The list has {Rows.Count} rows.");
        Assert.All(Rows, row => Assert.Contains(row.Mark, Marks));
        Assert.All(Rows, row => Assert.True(row.Mark == "same" == (row.Note.Length == 0), $"{row}"));
        Assert.Equal(Rows.Count, Rows.DistinctBy(row => (row.Type, row.Member)).Count());
    }

    [Fact]
    public void What_is_the_same_is_there_with_the_same_parameters() =>
        Assert.DoesNotContain(Rows, row => row.Mark == "same" && !Members.Has(row));

    [Fact]
    public void What_is_different_is_there_by_its_name() =>
        Assert.DoesNotContain(Rows, row => row.Mark == "different" && !Members.HasName(row));

    [Fact]
    public void What_is_missing_is_not_there() => Assert.DoesNotContain(Rows, row => row.Mark == "missing" && Members.Has(row));
}
