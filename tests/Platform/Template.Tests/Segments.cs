namespace Maestro.Bus.Template.Tests;

/// <summary>Compares namespaces by their parts, as the formatter does.</summary>
sealed class Segments : IComparer<string>
{
    public static Segments Comparer { get; } = new();

    public int Compare(string? x, string? y) =>
        x!.Split('.').Zip(y!.Split('.'), StringComparer.OrdinalIgnoreCase.Compare).FirstOrDefault(order => order != 0) is not 0
            and var order
            ? order
            : x.Length - y.Length;
}
