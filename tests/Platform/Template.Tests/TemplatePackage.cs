namespace Maestro.Bus.Template.Tests;

/// <summary>The templates, packed and installed for these tests alone.</summary>
public sealed class TemplatePackage : IAsyncLifetime
{
    const string Id = "Maestro.Bus.Templates";

    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, string> _generated = [];

    /// <summary>The checkout that these tests belong to.</summary>
    public static string Repository { get; } = TestFolder.Above("Bus.sln");

    /// <summary>The templates' file.</summary>
    public string File { get; private set; } = "";

    /// <summary>The version of all packages.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The files of the engine's packages and of the tool.</summary>
    public IReadOnlyList<string> Engine { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var packages = _folder.At("packages");
        (await DotNet.RunProgram(Path.Combine(Repository, "build", "pack"), Repository, null, "--output", packages)).Succeeded();
        File = Assert.Single(Directory.GetFiles(packages, $"{Id}.*"));
        Version = Path.GetFileNameWithoutExtension(File)[(Id.Length + 1)..];
        Engine = [.. Directory.GetFiles(packages).Where(file => file != File).Order(StringComparer.Ordinal)];
        (await New(_folder.Path, "install", File)).Succeeded();
    }

    /// <summary>Runs <c>dotnet new</c> with the templates of the package.</summary>
    internal Task<CommandResult> New(string directory, params IEnumerable<string> arguments) =>
        DotNet.Run(directory, _folder.At("home"), arguments.Prepend("new"));

    /// <summary>
    /// Generates a bus. One of the same name and options as before is a copy: the template would write the same again, and takes seconds
    /// for it.
    /// </summary>
    internal async Task<GeneratedBus> Generate(string name, params IEnumerable<string> options)
    {
        string[] arguments = ["maestro-bus", "--name", name, "--no-restore", .. options];
        var key = string.Join(' ', arguments);

        if (!_generated.TryGetValue(key, out var original))
        {
            var parent = Directory.CreateDirectory(_folder.At($"generated-{_generated.Count}")).FullName;
            (await New(parent, arguments)).Succeeded();
            _generated[key] = original = Path.Combine(parent, name);
        }

        var folder = new TemporaryFolder();
        Copy(original, folder.At(name));
        return new GeneratedBus(this, folder, name);
    }

    public async ValueTask DisposeAsync()
    {
        // The compiler server would stay for ten minutes.
        await DotNet.Run(_folder.Path, null, "build-server", "shutdown", "--vbcscompiler");
        // Nobody will restore this version again.
        var restored = await DotNet.Run(_folder.Path, null, "nuget", "locals", "global-packages", "--list", "--force-english-output");
        var cache = restored.Output.Split("global-packages: ")[^1].Trim();
        foreach (var folder in Directory.GetDirectories(cache, "maestro.bus.*")
            .Select(package => Path.Combine(package, Version.ToLowerInvariant())).Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
        _folder.Dispose();
    }

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            System.IO.File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
