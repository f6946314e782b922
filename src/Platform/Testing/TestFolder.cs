namespace Maestro.Bus.Testing;

/// <summary>Finds folders of the repository that the tests were built in.</summary>
public static class TestFolder
{
    /// <summary>Finds the nearest folder above the tests' assembly that holds a file.</summary>
    /// <param name="file">The file's path in that folder.</param>
    /// <returns>The folder's absolute path, or null if no folder holds the file.</returns>
    public static string? FindAbove(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, file)))
                return folder.FullName;
        }

        return null;
    }

    /// <summary>Gets the nearest folder above the tests' assembly that holds a file.</summary>
    /// <param name="file">The file's path in that folder.</param>
    /// <exception cref="InvalidOperationException">No folder holds the file.</exception>
    public static string Above(string file) => FindAbove(file)
        ?? throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds {file}. Run the tests from within the repository.");
}
