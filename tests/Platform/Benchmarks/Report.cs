using System.Globalization;

namespace Maestro.Bus.Benchmarks;

/// <summary>A benchmark's table: one row per candidate, the same columns in each.</summary>
sealed record Report(string Title, IReadOnlyList<string> Columns, IReadOnlyList<Row> Rows)
{
    public void Print(TextWriter writer)
    {
        var name = Rows.Max(row => row.Name.Length);
        writer.WriteLine();
        writer.WriteLine(Title);
        writer.WriteLine(new string(' ', name) + string.Concat(Columns.Select(column => $"  {column,16}")));

        foreach (var row in Rows)
            writer.WriteLine(row.Name.PadRight(name) + string.Concat(row.Values.Select(value => $"  {Format(value),16}")));
    }

    static string Format(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}

/// <summary>A candidate's figures; none where there is nothing to measure.</summary>
sealed record Row(string Name, IReadOnlyList<double?> Values);
