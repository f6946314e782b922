namespace Maestro.Bus.Messaging;

/// <summary>
/// Keeps what files hold, and reads them again when their contents change. The files are small and are compared whole: the time of a
/// Kubernetes secret's file does not change with its content. What cannot be used, such as a file that is half written, is told of once,
/// and what was read
/// before stays in use.
/// </summary>
/// <typeparam name="T">What the files hold.</typeparam>
/// <param name="paths">The names of the settings and their files' full paths.</param>
/// <param name="read">Makes it of the files' contents.</param>
sealed class WatchedFiles<T>(IReadOnlyList<(string Setting, string Path)> paths, Func<IReadOnlyList<byte[]>, T> read)
    where T : class
{
    readonly Lock _lock = new();
    IReadOnlyList<byte[]> _seen = [];
    string? _problem;
    T? _value;

    /// <summary>Told of changed files that cannot be used.</summary>
    public Action<CertificateFileException>? Refused { get; set; }

    /// <summary>Told of changed files that are in use now.</summary>
    public Action? Changed { get; set; }

    /// <summary>What the files hold.</summary>
    /// <exception cref="CertificateFileException">They cannot be used, and never could.</exception>
    public T Current
    {
        get
        {
            lock (_lock)
            {
                try
                {
                    Refresh();
                }
                catch (CertificateFileException exception) when (_value is not null)
                {
                    if (_problem != exception.Message)
                        Refused?.Invoke(exception);
                    _problem = exception.Message;
                }

                return _value!;
            }
        }
    }

    void Refresh()
    {
        var contents = paths.Select(path => Content(path.Setting, path.Path)).ToList();
        if (_value is not null && contents.Zip(_seen).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
        {
            _problem = null;
            return;
        }

        var isChange = _value is not null;
        _value = read(contents);
        _seen = contents;
        _problem = null;
        if (isChange)
            Changed?.Invoke();
    }

    static byte[] Content(string setting, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateFileException(setting, path, "There is no such file. Correct the path.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CertificateFileException(
                setting, path,
                $"The file cannot be read: {exception.Message.TrimEnd('.')}. Let the user that runs the host read it.", exception);
        }
    }
}
