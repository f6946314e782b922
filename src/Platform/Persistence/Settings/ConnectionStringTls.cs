using System.Data.Common;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>Finds what a connection string says about TLS.</summary>
static class ConnectionStringTls
{
    static readonly string[] Known =
    [
        "SslMode", "SslCertificate", "SslKey", "SslPassword", "RootCertificate", "TrustServerCertificate", "CheckCertificateRevocation",
    ];

    /// <summary>Finds the hosts that a password may be sent to unencrypted.</summary>
    /// <param name="text">The connection string.</param>
    /// <returns>Their names; null if it demands TLS, has no password, or cannot be read.</returns>
    public static IReadOnlyList<string>? PlainHosts(string? text)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            return settings is { Host: { } hosts, Password.Length: > 0, SslMode: SslMode.Disable or SslMode.Allow or SslMode.Prefer }
                ? [.. hosts.Split(',').Select(Name)]
                : null;
        }
        catch (ArgumentException)
        {
            // The client says what is wrong with it.
            return null;
        }

        // An address of IPv6 has colons of its own, a socket's path none.
        static string Name(string host) => host.Count(':'.Equals) == 1 ? host[..host.IndexOf(':', StringComparison.Ordinal)] : host.Trim();
    }

    /// <summary>Finds the keywords about TLS.</summary>
    /// <param name="text">The connection string.</param>
    /// <returns>The keywords as they are written; empty if there is none, or if the text is not a connection string.</returns>
    public static IReadOnlyList<string> Keywords(string? text)
    {
        try
        {
            return
            [
                .. new DbConnectionStringBuilder { ConnectionString = text }.Keys.Cast<string>()
                    .Where(keyword => Known.Contains(keyword.Replace(" ", "", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase)),
            ];
        }
        catch (ArgumentException)
        {
            // The client says what is wrong with it.
            return [];
        }
    }
}
