namespace Maestro.Bus.Cli;

/// <summary>One command's talk with a bus.</summary>
sealed class Session : IDisposable
{
    Session(AdminClient client, Screen screen)
    {
        Client = client;
        Screen = screen;
    }

    public AdminClient Client { get; }

    public Screen Screen { get; }

    /// <exception cref="CommandException">The address is none.</exception>
    public static Session Open(ParseResult parsed, Terminal terminal)
    {
        var url = parsed.GetValue(SharedOptions.Url) ?? terminal.Variable(SharedOptions.UrlVariable) ?? SharedOptions.DefaultUrl;
        var key = parsed.GetValue(SharedOptions.Key) ?? terminal.Variable(SharedOptions.KeyVariable);

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address is not { Scheme: "http" or "https" })
            throw new CommandException(
                ExitCode.Usage, $"The bus's address is '{url}', which is no address. Use one such as {SharedOptions.DefaultUrl}.");

        if (address is { Scheme: "http", IsLoopback: false } && !string.IsNullOrEmpty(key))
            terminal.Error.WriteLine(
                $"Warning: the key can be read on its way to {address.Host}, as the connection is not encrypted. Use an https:// address.");

        return new Session(
            new AdminClient(address, key ?? DevelopmentKey.For(address, terminal.WorkingDirectory)),
            new Screen(terminal, parsed.GetValue(SharedOptions.Json)));
    }

    public void Dispose() => Client.Dispose();
}
