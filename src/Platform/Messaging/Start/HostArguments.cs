namespace Maestro.Bus.Messaging;

/// <summary>A host's command-line arguments: settings in the framework's forms, and at most one command in any position.</summary>
/// <param name="Command">The command, or null if the bus is to run.</param>
/// <param name="ContentRoot">The folder that <c>--contentRoot</c> names, as an absolute path, or null if it is not given.</param>
sealed record HostArguments(string? Command, string? ContentRoot)
{
    const string ContentRootKey = "contentRoot";

    /// <summary>
    /// Reads the arguments as the framework's configuration does: <c>--key value</c>, <c>--key=value</c>, <c>/key value</c> and
    /// <c>key=value</c> are settings.
    /// </summary>
    /// <exception cref="BusConfigurationException">There are several commands, an option without a value, an option of one dash, or a
    /// content root that does not exist.</exception>
    public static HostArguments Parse(IReadOnlyList<string> arguments)
    {
        string? command = null, contentRoot = null;

        for (var index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];

            if (argument.StartsWith("--", StringComparison.Ordinal) || argument.StartsWith('/'))
            {
                var (key, value) = Setting(argument[(argument[0] == '/' ? 1 : 2)..]);
                value ??= ++index < arguments.Count ? arguments[index]
                    : throw new BusConfigurationException(
                        $"The argument '{argument}' has no value. Write {argument} VALUE or {argument}=VALUE.");
                if (key.Equals(ContentRootKey, StringComparison.OrdinalIgnoreCase))
                    contentRoot = Folder(value);
            }
            else if (argument.StartsWith('-'))
                throw new BusConfigurationException(
                    $"'{argument}' is not an argument of this host. Settings begin with two dashes, such as --Bus:Transport sqlite.");
            else if (argument.Contains('=', StringComparison.Ordinal))
                contentRoot = Setting(argument) is (var key, { } value) && key.Equals(ContentRootKey, StringComparison.OrdinalIgnoreCase)
                    ? Folder(value)
                    : contentRoot;
            else
                command = command is null ? argument
                    : throw new BusConfigurationException(
                        $"There are two commands, '{command}' and '{argument}'. Give one, or none to run the bus.");
        }

        return new HostArguments(command, contentRoot);
    }

    static (string Key, string? Value) Setting(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);

    static string Folder(string path) =>
        Directory.Exists(path) ? Path.GetFullPath(path)
        : throw new BusConfigurationException(
            $"The content root '{path}' does not exist. Name the folder that holds appsettings.json, or leave --contentRoot out.");
}
