using System.Diagnostics;
using System.Text;

namespace Maestro.Bus.Access;

/// <summary>A file with one key, which only its user can read.</summary>
static class KeyFile
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode Others = ~(OwnerOnly | UnixFileMode.UserExecute);

    const string LockFile = "development.lock";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the key of a file, or makes one and the file. Of several processes that do so at once all get the same key.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not read or write it.</exception>
    public static string ReadOrCreate(DataFolder folder, string name)
    {
        folder.Create();
        var path = folder.At(name);
        using var mine = Lock(folder.At(LockFile));

        if (Read(path) is { } known)
            return known;

        // A reader sees the whole file or none.
        var key = ApiKey.New();
        var draft = $"{path}.new";
        File.Delete(draft);
        using (var file = DataFolder.Open(draft, FileMode.CreateNew))
            file.Write(Encoding.ASCII.GetBytes($"{key}\n"));
        File.Move(draft, path, overwrite: true);
        return key;
    }

    static string? Read(string path)
    {
        if (!File.Exists(path) || File.ReadAllText(path).Trim() is not { } key || !ApiKey.IsValid(key))
            return null;

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            File.SetUnixFileMode(path, OwnerOnly);
        return key;
    }

    // Sharing nothing is an advisory lock on Linux (flock), which ends with its process.
    static FileStream Lock(string path)
    {
        var clock = Stopwatch.StartNew();
        using var never = new ManualResetEventSlim();

        while (true)
        {
            try
            {
                return DataFolder.Open(path, FileMode.OpenOrCreate);
            }
            catch (IOException) when (clock.Elapsed < Patience && Directory.Exists(Path.GetDirectoryName(path)))
            {
                never.Wait(Interval);
            }
        }
    }
}
