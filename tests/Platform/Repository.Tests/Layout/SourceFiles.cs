namespace Maestro.Bus.Repository.Tests;

/// <summary>The C# files that people write here.</summary>
static class SourceFiles
{
    static readonly string[] Folders = ["src", "tests", "build", "samples", "templates"];

    /// <summary>Gets each with its place below the root and its lines.</summary>
    public static IEnumerable<(string Place, string[] Lines)> All => Folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Solution.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(file => (Place: Path.GetRelativePath(Solution.Root, file).Replace('\\', '/'), File: file))
        .Where(file => IsWritten(file.Place))
        .Select(file => (file.Place, File.ReadAllLines(file.File)));

    // What dotnet ef writes, and what builds leave behind in the folders of older versions.
    static bool IsWritten(string place) =>
        !place.Contains("/Storage/Migrations/", StringComparison.Ordinal)
        && !place.Split('/').Any(folder => folder is "bin" or "obj");
}
