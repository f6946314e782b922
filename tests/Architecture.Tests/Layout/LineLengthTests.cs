namespace MaestroBus.Architecture.Tests;

/// <summary>How the code of this repository is laid out. None of it is asked of what the template writes.</summary>
public sealed class LineLengthTests
{
    const int Longest = 140;

    static readonly string[] Folders = ["src", "tests", "build", "samples"];

    [Fact]
    public void No_line_of_code_has_over_140_characters() =>
        Assert.Empty(
            Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Solution.Root, folder), "*.cs", SearchOption.AllDirectories))
                .Where(IsWritten)
                .SelectMany(file =>
                    File.ReadLines(file).Select((line, index) =>
                        (Place: $"{Path.GetRelativePath(Solution.Root, file)}:{index + 1}", line.Length)))
                .Where(line => line.Length > Longest)
                .Select(line => $"{line.Place} has {line.Length} characters. Break it."));

    // What dotnet ef writes, and what builds leave behind in the folders of older versions.
    static bool IsWritten(string file) =>
        !file.Replace('\\', '/').Contains("/Storage/Migrations/", StringComparison.Ordinal)
        && !file.Replace('\\', '/').Split('/').Any(folder => folder is "bin" or "obj");
}
