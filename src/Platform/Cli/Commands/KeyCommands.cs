using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Cli;

/// <summary><c>maestro keys …</c>. It needs no bus.</summary>
sealed partial class KeyCommands : CommandGroup
{
    // The host recognises the keys that it makes itself by the same prefix.
    const string Prefix = "mbk_";
    const int Bytes = 32;

    static readonly string[] Roles = ["client", "reader", "operator", "admin"];

    static readonly Argument<string> Name = new("name")
    {
        Description = "What the caller is called in settings, logs and the audit.",
        Validators = { Named },
    };

    static readonly Option<string> Role = new("--role")
    {
        Description = "What the caller may do: client, reader, operator or admin.",
        HelpName = "role",
        DefaultValueFactory = _ => "reader",
        Validators = { Known },
    };

    static readonly Option<string[]> Tenant = new("--tenant")
    {
        Description = "A tenant that the caller may act for and read; repeat it for several. Without it, all of them.",
        HelpName = "tenant",
        Validators = { Valid },
    };

    static readonly Option<string?> Expires = new("--expires")
    {
        Description = "When the key stops being accepted: a time, or how long from now, such as 2027-01-01 or 90d. Without it, never.",
        HelpName = "time",
        Validators = { InFuture },
    };

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public override Command Create(Terminal terminal) => new Command("keys", "API keys of a bus. A host stores only their hashes.")
    {
        Make(terminal),
    };

    static Command Make(Terminal terminal)
    {
        var command = new BusCommand(
            "new", "Makes a key, and prints it with the settings that a host needs to accept it. The key is shown this once.",
            "keys new billing --role client --tenant acme", "keys new prometheus --expires 365d --json").With(Name, Role, Tenant, Expires);
        command.SetAction(parsed =>
        {
            var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
            var settings = Settings(
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))),
                parsed.GetValue(Role)!.ToLowerInvariant(),
                parsed.GetValue(Tenant) is { Length: > 0 } tenants ? tenants : ["*"],
                parsed.GetValue(Expires) is { } expires ? Moment(expires) : null);
            Write(terminal, parsed.GetValue(SharedOptions.Json), parsed.GetValue(Name)!, key, settings);
            return ExitCode.Done;
        });
        return command;
    }

    static void Write(Terminal terminal, bool asJson, string name, string key, Dictionary<string, object> settings)
    {
        var nested = new { Bus = new { Access = new { Keys = new Dictionary<string, object> { [name] = settings } } } };
        if (asJson)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(new { name, key, settings = nested }, Indented));
            return;
        }

        terminal.Out.WriteLine($"The key of {name}, which is shown this once:");
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"  {key}");
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("The host's settings, which are no secret. As JSON:");
        terminal.Out.WriteLine();
        terminal.Out.WriteLine(JsonSerializer.Serialize(nested, Indented));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Or as environment variables:");
        terminal.Out.WriteLine();
        foreach (var (setting, value) in Flat(settings))
            terminal.Out.WriteLine($"Bus__Access__Keys__{name}__{setting}={value}");
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Restart the host after you have added, changed or removed a key: it reads its keys at the start only.");
    }

    static Dictionary<string, object> Settings(string hash, string role, string[] tenants, DateTimeOffset? expires)
    {
        var settings = new Dictionary<string, object> { ["Hashes"] = new[] { hash }, ["Role"] = role, ["Tenants"] = tenants };
        if (expires is { } time)
            settings["Expires"] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return settings;
    }

    static IEnumerable<(string Setting, string Value)> Flat(Dictionary<string, object> settings) => settings.SelectMany(setting =>
        setting.Value is string[] values
            ? values.Select((value, index) => ($"{setting.Key}__{index}", value))
            : [(setting.Key, (string)setting.Value)]);

    // How long from now is how long ago, turned round.
    static DateTimeOffset? Moment(string text)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (Moments.Parse(text, now) is not { } time)
            return null;

        return char.IsAsciiLetter(text[^1]) && text[^1] != 'Z' ? now + (now - time) : time;
    }

    static void Named(System.CommandLine.Parsing.ArgumentResult name)
    {
        var text = name.GetValueOrDefault<string>() ?? "";
        if (!NamePattern().IsMatch(text))
            name.AddError("The name cannot be used. Use 1 to 64 letters, digits, underscores or dashes, beginning with a letter or digit.");
        else if (text.EndsWith('_') || text.Contains("__", StringComparison.Ordinal))
            name.AddError(
                $"'{text}' cannot be used: a host reads two underscores in an environment variable as the end of a name. " +
                "Use dashes, or single underscores between letters and digits, such as night_shift.");
    }

    static void Known(System.CommandLine.Parsing.OptionResult role)
    {
        if (!Roles.Contains(role.GetValueOrDefault<string>(), StringComparer.OrdinalIgnoreCase))
            role.AddError($"'{role.GetValueOrDefault<string>()}' is not a role. Use one of {string.Join(", ", Roles)}.");
    }

    static void Valid(System.CommandLine.Parsing.OptionResult tenants)
    {
        foreach (var tenant in tenants.GetValueOrDefault<string[]>() ?? [])
        {
            if (tenant != "*" && !TenantPattern().IsMatch(tenant))
                tenants.AddError(
                    $"'{tenant}' is not a valid tenant. Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a "
                        + "letter or digit.");
        }
    }

    static void InFuture(System.CommandLine.Parsing.OptionResult expires)
    {
        if (expires.GetValueOrDefault<string>() is { } text && !(Moment(text) > TimeProvider.System.GetUtcNow()))
            expires.AddError($"'{text}' is not a time to come. Use one such as 2027-01-01, 2027-01-01T09:00Z or 90d.");
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z")]
    private static partial Regex TenantPattern();
}
