namespace Maestro.Bus.Testing;

/// <summary>A folder for a server's files, which goes with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("bus-tests-").FullName;

    /// <summary>The full path of a file or folder in it.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A file that is still open elsewhere stays with the machine's other temporary files; it must not hide a test's own outcome.
        }
    }
}
