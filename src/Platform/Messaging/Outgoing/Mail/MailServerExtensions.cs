namespace Maestro.Bus.Messaging;

/// <summary>Adds mail servers to what a bus connects to.</summary>
public static class MailServerExtensions
{
    /// <summary>Adds a mail server. Its <see cref="IMailSender"/> is a singleton with the section as its key.</summary>
    /// <param name="bus">The bus's builder.</param>
    /// <param name="section">The settings' section below <c>Bus</c>, such as <c>Notifications:Email</c>.</param>
    /// <param name="settings">The settings.</param>
    public static void AddMailServer(this BusBuilder bus, string section, MailServerSettings settings)
    {
        var tls = settings.EffectiveSecurity == MailSecurity.None ? null : bus.AddTlsClient($"{section}:Tls", settings.Tls);
        if (tls is null && settings is { Host: { } host, Username: not null })
            bus.NotePlainPassword(
                $"the mail server of Bus:{section}", [host], $"Leave Bus:{section}:Security and Tls:Enabled out, or demand TLS");
        bus.Services.AddKeyedSingleton(section, new MailServer($"Bus:{section}", settings, tls));
    }
}

/// <summary>A mail server as it is configured.</summary>
/// <param name="Section">The full name of the settings' section, such as <c>Bus:Notifications:Email</c>.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Tls">The client's side of its TLS connections; null if they are not encrypted.</param>
public sealed record MailServer(string Section, MailServerSettings Settings, TlsClient? Tls);
