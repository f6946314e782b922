namespace Maestro.Bus.Messaging;

/// <summary>Adds TLS to what a bus connects to.</summary>
public static class TlsExtensions
{
    static readonly string[] SecureSchemes = ["amqps", "https", "rediss", "tls", "smtps"];

    /// <summary>
    /// Decides whether a connection uses TLS: as <see cref="TlsSettings.Enabled"/> or else the address says. Notes as problems where the
    /// two contradict each other, and
    /// what is wrong with the certificates' files.
    /// </summary>
    /// <param name="bus">The bus's builder.</param>
    /// <param name="section">The settings' section below <c>Bus</c>, such as <c>RabbitMq:Tls</c>.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="address">The address that is connected to, or <c>null</c> if its form does not say whether TLS is used.</param>
    /// <returns>What makes the connections' options, or <c>null</c> if TLS is not used.</returns>
    public static TlsClient? AddTls(this BusBuilder bus, string section, TlsSettings settings, Uri? address = null)
    {
        var name = $"Bus:{section}";
        var isSecure = address is null ? (bool?)null : SecureSchemes.Contains(address.Scheme, StringComparer.OrdinalIgnoreCase);

        if (isSecure is { } said && settings.Enabled is { } enabled && said != enabled)
            bus.Problems.Add(
                $"{name}:Enabled is {(enabled ? "true" : "false")}, and the address begins with {address!.Scheme}://, "
                + "which says otherwise. "
                + "Change one of them; an encrypted connection has an address of its own kind.");

        if (settings.Enabled ?? isSecure ?? false)
            return bus.AddTlsClient(section, settings);

        if (settings.HasDetails)
            bus.Problems.Add($"{name} holds settings, and TLS is off. Set {name}:Enabled to true, or leave them out.");

        return null;
    }

    /// <summary>
    /// Makes the client's side of connections that use TLS in any case. Notes as problems what is wrong with the settings and the
    /// certificates' files.
    /// </summary>
    /// <param name="bus">The bus's builder.</param>
    /// <param name="section">The settings' section below <c>Bus</c>, such as <c>RabbitMq:Tls</c>.</param>
    /// <param name="settings">The settings.</param>
    public static TlsClient AddTlsClient(this BusBuilder bus, string section, TlsSettings settings)
    {
        var name = $"Bus:{section}";
        var environment = bus.Services.Select(service => service.ImplementationInstance).OfType<IHostEnvironment>().FirstOrDefault();
        var client = new TlsClient(name, settings, environment?.ContentRootPath ?? Directory.GetCurrentDirectory());

        if (settings.AllowUntrusted && environment?.IsProduction() != false)
            bus.Problems.Add(
                $"{name}:AllowUntrusted", "true",
                "In the environment Production a certificate is always checked. Name its authority's file in CertificateAuthority.");
        if (settings is { Certificate: null, Key: not null })
            bus.Problems.Add($"{name}:Certificate", null, $"{name}:Key names a key. Name the file of its certificate, too.");
        if (settings is { KeyPassword: not null, Certificate: null, Key: null })
            bus.Problems.Add(
                $"{name}:Certificate", null,
                $"{name}:KeyPassword is the password of a key. Name the file of its certificate, or leave the password out.");
        if (settings.ServerName is { } server && Uri.CheckHostName(server) == UriHostNameType.Unknown)
            bus.Problems.Add($"{name}:ServerName", server, "It is not a host name. Use one such as rabbit.example.com.");

        try
        {
            client.Refresh();
        }
        catch (CertificateFileException problem)
        {
            bus.Problems.Add($"{name}:{problem.Setting}", problem.Held, problem.Remedy);
        }

        CertificateRegistry.Of(bus.Services).Add(client);
        return client;
    }
}
