using System.Net;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Warns in Production of addresses at which keys of other machines arrive unencrypted: those that are not loopback, where no proxy is
/// configured.
/// </summary>
sealed partial class UnencryptedAddressWarning(
    IConfiguration configuration, IHostEnvironment? environment, ILogger<UnencryptedAddressWarning> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var open = ListenCheck.Configured(configuration).Where(IsOpen).ToList();
        if (environment?.IsProduction() == true && open.Count > 0 && !configuration.GetSection("Bus:Access:Proxies").GetChildren().Any())
            Warn(string.Join(", ", open));

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    static bool IsOpen(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { IsUnixPipe: false, IsNamedPipe: false } address
                && address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
                && !address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                && !(IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            // The server says itself what is wrong with it.
            return false;
        }
    }

    [LoggerMessage(85, LogLevel.Warning,
        "Keys can arrive unencrypted from other machines at {Addresses}. Use https:// addresses and Bus:Https:Certificate, "
        + "or name the proxy that encrypts in Bus:Access:Proxies")]
    partial void Warn(string addresses);
}
