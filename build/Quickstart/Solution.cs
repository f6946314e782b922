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

    /// <summary>Packs the engine and the templates of a clone.</summary>
    /// <returns>The templates' package.</returns>
    static async Task<string> Pack(string clone)
    {
        Screen.Step("Pack the engine and the templates");
        await Run(Path.Combine(clone, "build", "pack"), null, clone);
        return Directory.EnumerateFiles(Path.Combine(clone, "artifacts", "packages"), "Maestro.Bus.Templates.*.nupkg").Single();
    }

    /// <summary>Takes the solution that an earlier run has scaffolded, or scaffolds it from the templates of a clone.</summary>
    public static async Task<Solution> Open(string clone, Options options)
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

        var templates = await Pack(clone);
        Screen.Step($"Scaffold {options.Name} in {folder}");
        var home = Directory.CreateTempSubdirectory("quickstart-home-").FullName;
        try
        {
            await Run("dotnet", home, clone, "new", "install", templates);
            await Run("dotnet", home, clone, "new", "maestro-bus", "--name", options.Name, "--output", folder, "--no-restore");
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
        await Run("dotnet", null, folder, "build", "src/Host", "--nologo", "--verbosity", "quiet");
        return Directory.EnumerateFiles(Path.Combine(folder, "artifacts", "bin", "Host", "debug"), "*.Host.dll").Single();
    }

    static async Task Run(string program, string? home, string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
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
                $"{program} {string.Join(' ', arguments)} failed with exit code "
                    + $"{process.ExitCode}:{Environment.NewLine}{await output}{await error}");
    }
}
