namespace Maestro.Bus.Messaging;

/// <summary>The folder <c>Bus:Data:Folder</c>.</summary>
public sealed partial class DataFolder(DataSettings settings, IServiceProvider services)
{
    /// <summary>Where the databases were by default, under the content root, before they went by the folder.</summary>
    const string EarlierFolder = "data";

    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A database's own file, and what lies beside it.
    static readonly string[] Companions = ["", "-wal", "-shm", "-journal", ".lock"];

    readonly string _root = services.GetService<IHostEnvironment>()?.ContentRootPath ?? Directory.GetCurrentDirectory();

    /// <summary>Its absolute path.</summary>
    public string Path => System.IO.Path.GetFullPath(settings.Folder, _root);

    /// <summary>Makes the path of a file in it.</summary>
    public string At(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>
    /// Finds the file of a database: the one that its setting names, or else the one in the folder. If there is none yet, and one lies
    /// where earlier versions kept it, in <c>data</c> under the content root, that is it, and the log says how to move it. A file in the
    /// folder is made readable by the host's user only.
    /// </summary>
    /// <param name="path">What the setting says, relative to the content root; null if it is not set.</param>
    /// <param name="file">The file's name in the folder, such as <c>state.db</c>.</param>
    /// <param name="setting">The setting's name, such as <c>Bus:Database:Path</c>.</param>
    /// <returns>The file's absolute path.</returns>
    public string Database(string? path, string file, string setting)
    {
        var found = Find(path, file, setting);
        if (found.StartsWith($"{Path}{System.IO.Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            foreach (var companion in Companions)
                Close(found + companion);
        }

        return found;
    }

    string Find(string? path, string file, string setting)
    {
        if (path is not null)
            return System.IO.Path.GetFullPath(path, _root);

        var (here, earlier) = (At(file), System.IO.Path.GetFullPath(System.IO.Path.Combine(EarlierFolder, file), _root));
        if (File.Exists(here) || !File.Exists(earlier))
            return here;

        if (services.GetService<ILogger<DataFolder>>() is { } logger)
            LogEarlier(logger, earlier, here, setting);
        return earlier;
    }

    /// <summary>Creates the folder, readable by the host's user only, unless it exists.</summary>
    /// <exception cref="IOException">A file has its name, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The host's user may not create it.</exception>
    public void Create() => Create(Path);

    /// <summary>Creates a folder for what the host keeps, with its parents, readable by the host's user only, unless it exists.</summary>
    /// <exception cref="IOException">A file has its name, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The host's user may not create it.</exception>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>
    /// Creates an empty file for a database, with its folder, readable by the host's user only, unless it exists. SQLite gives the files
    /// that it keeps beside it the same rights.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The host's user may not create the folder.</exception>
    public static void CreateDatabase(string path)
    {
        Create(System.IO.Path.GetDirectoryName(path)!);
        if (File.Exists(path))
            return;

        try
        {
            // Never a file that is there: to close it would end the locks that SQLite has on it.
            Open(path, FileMode.CreateNew).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another host has created it meanwhile, or SQLite says what is wrong when it opens it.
        }
    }

    /// <summary>
    /// Opens a file to read and write it, alone. If that creates it, it is readable by the host's user only.
    /// </summary>
    public static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    static void Close(string path)
    {
        if (OperatingSystem.IsWindows())
            return;

        try
        {
            if (File.Exists(path))
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) & OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // SQLite has deleted it meanwhile, or it is another user's, who decides who reads it.
        }
    }

    [LoggerMessage(
        45, LogLevel.Warning,
        "The database {Earlier} lies where earlier versions kept it, and is used. Its place is {Here} now: "
        + "to move it, stop all hosts and move it with its files -wal and -shm, or set {Setting} to where it is")]
    static partial void LogEarlier(ILogger logger, string earlier, string here, string setting);
}
