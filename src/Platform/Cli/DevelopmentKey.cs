namespace Maestro.Bus.Cli;

/// <summary>Finds the key that a host in Development keeps for the command line.</summary>
static class DevelopmentKey
{
    const string File = "development.key";

    /// <summary>
    /// Reads it from <c>data</c> in the working directory, or from <c>src/Host/data</c> there or in a folder above. It is for hosts on this
    /// machine only: no other address gets it.
    /// </summary>
    /// <returns>The key, or null if there is none, or the bus is on another machine.</returns>
    public static string? For(Uri address, string workingDirectory) =>
        address.IsLoopback ? Candidates(workingDirectory).Select(Read).FirstOrDefault(key => key is not null) : null;

    static IEnumerable<string> Candidates(string workingDirectory)
    {
        yield return Path.Combine(workingDirectory, "data", File);

        for (var folder = new DirectoryInfo(workingDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "src", "Host", "data", File);
    }

    static string? Read(string path)
    {
        try
        {
            return System.IO.File.Exists(path) && System.IO.File.ReadAllText(path).Trim() is { Length: > 0 } key ? key : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's; the bus says that the key is missing.
            return null;
        }
    }
}
