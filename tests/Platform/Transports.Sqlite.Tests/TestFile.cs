using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>A directory of the test's own for the bus's file.</summary>
public sealed class TestFile : IDisposable
{
    readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("bus-file-");

    public string Directory => _directory.FullName;

    public string Path => System.IO.Path.Combine(Directory, "bus.db");

    /// <summary>Opens it without a bus.</summary>
    internal SqliteBroker Open(SqliteSettings settings, TimeProvider? time = null) => SqliteBroker.Open(
        Path, settings, time ?? TimeProvider.System, new OutageLog("The file", TimeProvider.System, NullLogger.Instance),
        NullLogger.Instance);

    public void Dispose()
    {
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (IOException)
        {
            // What is still open elsewhere stays with the machine's other temporary files; it must not hide a test's own outcome.
        }
    }
}
