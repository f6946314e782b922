using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Has librdkafka encrypt its connections. It reads the files itself, once for each client.</summary>
static partial class KafkaTls
{
    /// <summary>Sets the client's properties.</summary>
    public static void ApplyTo(ClientConfig config, TlsClient tls)
    {
        config.SslCaLocation = tls.AuthorityPath;
        config.EnableSslCertificateVerification = !tls.Settings.AllowUntrusted;
        config.SslEndpointIdentificationAlgorithm = tls.Settings.AllowUntrusted
            ? SslEndpointIdentificationAlgorithm.None
            : SslEndpointIdentificationAlgorithm.Https;

        if (tls.IsPfx)
        {
            config.SslKeystoreLocation = tls.CertificatePath;
            config.SslKeystorePassword = tls.Settings.KeyPassword;
        }
        else if (tls.CertificatePath is not null)
        {
            config.SslCertificateLocation = tls.CertificatePath;
            config.SslKeyLocation = tls.KeyPath ?? tls.CertificatePath;
            config.SslKeyPassword = tls.Settings.KeyPassword;
        }
    }

    /// <summary>
    /// Finds out why a broker's certificate is refused: the client has the same words for a wrong name, an unknown authority and dates that
    /// are over.
    /// </summary>
    /// <param name="reason">What the client says.</param>
    /// <param name="tls">Makes the same checks as the client.</param>
    /// <param name="limit">How long it may take.</param>
    /// <returns>The check that failed, in a sentence that says what to do; null if the client does not speak of a certificate, or the
    /// broker cannot be asked.</returns>
    public static async Task<string?> Refusal(string reason, TlsClient tls, TimeSpan limit)
    {
        if (!reason.Contains("certificate verify failed", StringComparison.Ordinal)
            || Address().Match(reason) is not { Success: true } named)
            return null;

        var host = named.Groups["host"].Value;
        var port = int.Parse(named.Groups["port"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        using var ending = new CancellationTokenSource(limit);

        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(host, port, ending.Token).ConfigureAwait(false);
            await using var stream = new SslStream(connection.GetStream());
            await stream.AuthenticateAsClientAsync(tls.Options(host), ending.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception)
        {
            // One that has gone away meanwhile has refused nothing.
            return tls.Explain(exception);
        }
    }

    // As the client names a broker: sasl_ssl://host:9093/1, or /bootstrap.
    [GeneratedRegex(@"ssl://\[?(?<host>[^/\]]+)\]?:(?<port>\d+)/")]
    private static partial Regex Address();

    /// <summary>Notes what the client has no use for.</summary>
    public static void Check(TlsSettings settings, SettingsProblems problems)
    {
        if (settings.ServerName is { } name)
            problems.Add(
                "Bus:Kafka:Tls:ServerName", name,
                "Kafka's client checks each broker's certificate for the name in the broker's address. "
                + "Leave it out, and have the brokers advertise those names.");
    }
}
