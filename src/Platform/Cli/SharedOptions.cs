namespace Maestro.Bus.Cli;

/// <summary>The options that every command has.</summary>
static class SharedOptions
{
    public const string UrlVariable = "MAESTRO_URL";
    public const string KeyVariable = "MAESTRO_KEY";
    public const string DefaultUrl = "http://localhost:5080";

    public static Option<string?> Url { get; } = new("--url")
    {
        Description = $"The bus's address. Without it the environment variable {UrlVariable} counts, then {DefaultUrl}.",
        HelpName = "address",
        Recursive = true,
    };

    public static Option<string?> Key { get; } = new("--key")
    {
        Description = $"The key of Bus:Access:Keys. Without it the environment variable {KeyVariable} counts, which keeps the key out of "
            + "the shell's history, " +
            "and for a bus on this machine the key that a host in Development keeps in src/Host/data or data.",
        HelpName = "key",
        Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write what the bus answers as JSON.",
        Recursive = true,
    };
}
