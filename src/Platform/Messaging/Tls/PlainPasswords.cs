using System.Net;

namespace Maestro.Bus.Messaging;

/// <summary>Notes where passwords and keys leave the machine unencrypted, so that a start in Production warns.</summary>
public static class PlainPasswords
{
    /// <summary>
    /// Notes a connection without TLS that a password or key is sent on. Those to this machine are left out.
    /// </summary>
    /// <param name="bus">The bus's builder.</param>
    /// <param name="server">What is connected to, such as <c>RabbitMQ</c>.</param>
    /// <param name="hosts">The host names or IP addresses that are connected to; a path is that of a socket of this machine.</param>
    /// <param name="remedy">What encrypts the connection, as a sentence without its full stop.</param>
    public static void NotePlainPassword(this BusBuilder bus, string server, IEnumerable<string> hosts, string remedy)
    {
        if (hosts.Where(IsElsewhere).ToList() is { Count: > 0 } elsewhere)
            bus.Services.AddSingleton(new PlainPassword(server, string.Join(", ", elsewhere), remedy));
    }

    static bool IsElsewhere(string host) =>
        !host.StartsWith('/') && !host.StartsWith('@')
        && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        && !(IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}

/// <summary>A connection without TLS that a password or key is sent on.</summary>
sealed record PlainPassword(string Server, string Hosts, string Remedy);

/// <summary>Warns in Production of connections to other machines that passwords and keys are sent on unencrypted.</summary>
sealed partial class PlainPasswordWarning(
    IEnumerable<PlainPassword> passwords, ILogger<PlainPasswordWarning> logger, IHostEnvironment? environment = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (environment?.IsProduction() == true)
        {
            foreach (var (server, hosts, remedy) in passwords)
                Warn(server, hosts, remedy);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        86, LogLevel.Warning,
        "The password or key for {Server} can be read on its way to {Hosts}: the connection is not encrypted. {Remedy}")]
    partial void Warn(string server, string hosts, string remedy);
}
