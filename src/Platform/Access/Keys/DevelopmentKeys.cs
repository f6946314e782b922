namespace Maestro.Bus.Access;

/// <summary>
/// The keys that a host in Development makes at its first start and keeps in files that only its user can read: one for administrators, and
/// one for readers, which the sample flow calls the host with. In another environment there are none, whatever files there are.
/// </summary>
sealed class DevelopmentKeys
{
    /// <summary>The file of the administrator's key in <c>Bus:Data:Folder</c>.</summary>
    public const string AdminFile = "development.key";

    /// <summary>The file of the reader's key in <c>Bus:Data:Folder</c>.</summary>
    public const string ReaderFile = "development-reader.key";

    readonly Lazy<IReadOnlyList<(string Name, AccessRole Role, string Key)>> _all;

    public DevelopmentKeys(DataFolder data, IHostEnvironment environment)
    {
        Path = environment.IsDevelopment() ? data.At(AdminFile) : null;
        _all = new(() => environment.IsDevelopment()
            ?
            [
                ("development", AccessRole.Admin, KeyFile.ReadOrCreate(data, AdminFile)),
                ("development-reader", AccessRole.Reader, KeyFile.ReadOrCreate(data, ReaderFile)),
            ]
            : []);
    }

    /// <summary>Where the administrator's key is, or null in another environment.</summary>
    public string? Path { get; }

    /// <summary>The keys, which are made if there are none.</summary>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The host's user may not read or write a file.</exception>
    public IReadOnlyList<(string Name, AccessRole Role, string Key)> All => _all.Value;
}

/// <summary>Makes the keys before the host listens.</summary>
sealed class DevelopmentKeysCheck(DevelopmentKeys keys, DataFolder data) : IStartCheck
{
    public void Check(SettingsProblems problems)
    {
        try
        {
            _ = keys.All;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add(
                "Bus:Data:Folder",
                data.Path,
                $"The development keys cannot be kept there: {exception.Message} Name a folder that the host's user may write to.");
        }
    }
}
