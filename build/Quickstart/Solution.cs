using System.Diagnostics;

namespace MaestroBus.Quickstart;

/// <summary>The solution that the template makes.</summary>
sealed class Solution(string folder)
{
    public string Folder => folder;

    public string Host => Path.Combine(folder, "src", "Host");

    /// <summary>Where the host keeps the key that it makes for development at its first start.</summary>
    public string KeyFile => Path.Combine(Host, "data", "development.key");

    public string Samples => Path.Combine(folder, "samples");

    /// <summary>Scaffolds the solution from the template in a folder, or takes the one that an earlier run has scaffolded.</summary>
    public static async Task<Solution> Open(string template, Options options)
    {
        var folder = options.Output ?? Path.Combine(Directory.CreateTempSubdirectory("quickstart-").FullName, options.Name);
        var solution = new Solution(folder);

        if (File.Exists(Path.Combine(folder, $"{options.Name}.sln")) && Directory.Exists(solution.Host))
        {
            Screen.Step($"Take the {options.Name} that is in {folder}");
            return solution;
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new QuickstartException(
                $"{folder} is not empty and holds no {options.Name}.sln. Name another folder with --output, or empty it.");

        Screen.Step($"Scaffold {options.Name} in {folder}");
        var home = Directory.CreateTempSubdirectory("quickstart-home-").FullName;
        try
        {
            await Dotnet(home, template, "new", "install", template);
            await Dotnet(home, template, "new", "maestro-bus", "--name", options.Name, "--output", folder, "--no-restore");
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }

        return solution;
    }

    /// <summary>Builds the host and gives its program.</summary>
    public async Task<string> Build()
    {
        await Dotnet(null, folder, "build", "src/Host", "--nologo", "--verbosity", "quiet");
        return Directory.EnumerateFiles(Path.Combine(folder, "artifacts", "bin", "Host", "debug"), "*.Host.dll").Single();
    }

    static async Task Dotnet(string? home, string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (home is not null)
            start.Environment["DOTNET_CLI_HOME"] = home;

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        if (process.ExitCode != 0)
            throw new QuickstartException(
                $"dotnet {string.Join(' ', arguments)} failed with exit code "
                    + $"{process.ExitCode}:{Environment.NewLine}{await output}{await error}");
    }
}
