namespace Maestro.Bus.Repository.Tests;

/// <summary>How the code of this repository is laid out. None of it is asked of what the template writes.</summary>
public sealed class LineLengthTests
{
    const int Longest = 140;

    [Fact]
    public void No_line_of_code_has_over_140_characters() =>
        Assert.Empty(
            SourceFiles.All
                .SelectMany(file => file.Lines.Select((line, index) => (Place: $"{file.Place}:{index + 1}", line.Length)))
                .Where(line => line.Length > Longest)
                .Select(line => $"{line.Place} has {line.Length} characters. Break it."));
}
