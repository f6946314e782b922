using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Maestro.Bus.Messaging;

/// <summary>Checks a server's certificate: its chain of authorities, its name and its dates.</summary>
static class CertificateCheck
{
    const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    const X509ChainStatusFlags Unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Finds out what is wrong with a certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="shown">The certificates that the server has shown with it.</param>
    /// <param name="authorities">The authorities that may have issued it, or <c>null</c> for those that the machine trusts.</param>
    /// <param name="names">Who they are, for the message.</param>
    /// <param name="host">The name that it must be issued for.</param>
    /// <returns>The checks that failed, each as a sentence; empty if the certificate is good.</returns>
    public static IReadOnlyList<string> Problems(
        X509Certificate2 certificate, X509Certificate2Collection shown, X509Certificate2Collection? authorities, string names, string host)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ServerAuthentication));
        chain.ChainPolicy.ExtraStore.AddRange(shown);

        if (authorities is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        chain.Build(certificate);
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        List<string> problems = [];

        if ((found & Unknown) != 0)
            problems.Add(certificate.Issuer == certificate.Subject
                ? $"Unknown CA: it is self-signed ({certificate.Subject}), and not among {names}."
                : $"Unknown CA: it was issued by {certificate.Issuer}, which does not lead to {names}.");

        bool IsOutdated(X509ChainElement link) => link.ChainElementStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid);

        foreach (var link in chain.ChainElements.Where(IsOutdated))
            problems.Add(Dates(link.Certificate, isServer: link.Certificate.Equals(certificate)));

        if (!certificate.MatchesHostname(host))
            problems.Add($"Wrong name: it is for {Names(certificate)}, and not for {host}.");

        problems.AddRange(chain.ChainStatus
            .Where(status => (status.Status & (Unknown | X509ChainStatusFlags.NotTimeValid)) == 0)
            .Select(status => $"{status.Status}: {status.StatusInformation.TrimEnd('.')}."));

        return problems;
    }

    static string Dates(X509Certificate2 certificate, bool isServer)
    {
        var what = isServer ? "it" : $"the certificate of its authority {certificate.Subject}";
        return certificate.NotBefore.ToUniversalTime() > TimeProvider.System.GetUtcNow().UtcDateTime
            ? $"Not valid yet: {what} is valid from {Time(certificate.NotBefore)} on."
            : $"Expired: {what} was valid until {Time(certificate.NotAfter)}.";
    }

    static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        List<string> all =
        [
            .. names.SelectMany(name => name.EnumerateDnsNames()),
            .. names.SelectMany(name => name.EnumerateIPAddresses()).Select(address => $"{address}"),
        ];
        return all.Count > 0 ? string.Join(", ", all) : certificate.Subject;
    }

    static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
