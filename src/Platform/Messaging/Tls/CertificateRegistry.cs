using System.Security.Cryptography.X509Certificates;

namespace Maestro.Bus.Messaging;

/// <summary>The certificates that this process uses.</summary>
sealed class CertificateRegistry
{
    readonly List<(string Section, Func<IEnumerable<NamedCertificate>> Read)> _sources = [];
    readonly List<TlsClient> _clients = [];

    public IReadOnlyList<TlsClient> Clients => _clients;

    public static CertificateRegistry Of(IServiceCollection services)
    {
        if (services.Select(service => service.ImplementationInstance).OfType<CertificateRegistry>().FirstOrDefault() is { } known)
            return known;

        var registry = new CertificateRegistry();
        services.AddSingleton(registry);
        services.AddHostedService<CertificateWatch>();
        return registry;
    }

    public void Add(TlsClient client)
    {
        _clients.Add(client);
        Add(client.Section, client.Read);
    }

    public void Add(string section, Func<IEnumerable<NamedCertificate>> read) => _sources.Add((section, read));

    /// <summary>Reads changed files, and gives all certificates.</summary>
    public IEnumerable<NamedCertificate> Read() => _sources.SelectMany(source => source.Read());
}

/// <summary>A certificate in use.</summary>
/// <param name="Name">The setting that names it.</param>
/// <param name="Path">Its file.</param>
/// <param name="Certificate">The certificate.</param>
sealed record NamedCertificate(string Name, string Path, X509Certificate2 Certificate);
