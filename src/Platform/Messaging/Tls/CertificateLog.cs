namespace Maestro.Bus.Messaging;

/// <summary>Logs what happens to certificates.</summary>
sealed partial class CertificateLog(ILogger logger)
{
    public void Kept(string section, CertificateFileException exception) => LogKept(section, exception.Message);

    [LoggerMessage(80, LogLevel.Information, "{Section}: the certificate files have changed; new connections use them")]
    public partial void Changed(string section);

    [LoggerMessage(82, LogLevel.Warning,
        "{Section}:AllowUntrusted is true: any certificate is accepted, and anybody between the two sides can read the connection")]
    public partial void Untrusted(string section);

    [LoggerMessage(83, LogLevel.Warning, "{Name} ({Path}, {Subject}) expires at {Time:u}, in {Days} days. Renew it")]
    public partial void Expires(string name, string path, string subject, DateTime time, int days);

    [LoggerMessage(84, LogLevel.Error, "{Name} ({Path}, {Subject}) expired at {Time:u}. Connections that need it are refused. Renew it")]
    public partial void Expired(string name, string path, string subject, DateTime time);

    [LoggerMessage(81, LogLevel.Warning,
        "{Section}: a changed certificate file cannot be used, and the one before stays in use. {Problem}")]
    partial void LogKept(string section, string problem);
}
