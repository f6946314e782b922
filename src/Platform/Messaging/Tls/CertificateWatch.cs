using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Looks every 15 seconds whether certificates' files have changed. Warns at the start and once a day of certificates that expire within 14
/// days, and tells the time
/// that is left as the metric <c>bus.certificate.expiry</c>.
/// </summary>
sealed class CertificateWatch : BackgroundService
{
    public const string MeterName = "Bus.Certificates";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    static readonly TimeSpan Repeat = TimeSpan.FromDays(1);

    readonly CertificateRegistry _registry;
    readonly CertificateLog _log;
    readonly TimeProvider _time;
    readonly Dictionary<string, DateTimeOffset> _told = [];

    public CertificateWatch(CertificateRegistry registry, ILogger<CertificateWatch> logger, TimeProvider time, IMeterFactory meters)
    {
        _registry = registry;
        _log = new CertificateLog(logger);
        _time = time;
        meters.Create(MeterName).CreateObservableGauge(
            "bus.certificate.expiry", Expiries, "s", "Time until a certificate in use expires; negative once it has expired.");

        foreach (var client in registry.Clients)
            client.Log = _log;
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var client in _registry.Clients.Where(client => client.Settings.AllowUntrusted))
            _log.Untrusted(client.Section);

        // Before the first connection, so that the log tells the reason before the failure.
        Look();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);

        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    internal void Look()
    {
        var now = _time.GetUtcNow();

        foreach (var (name, path, certificate) in _registry.Read())
        {
            var left = certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
            var key = $"{name} {certificate.Thumbprint}";
            if (left > Notice || (_told.TryGetValue(key, out var told) && now - told < Repeat))
                continue;

            _told[key] = now;
            if (left > TimeSpan.Zero)
                _log.Expires(name, path, certificate.Subject, certificate.NotAfter.ToUniversalTime(), (int)left.TotalDays);
            else
                _log.Expired(name, path, certificate.Subject, certificate.NotAfter.ToUniversalTime());
        }
    }

    // Of several authorities in one file the first to expire counts.
    IEnumerable<Measurement<double>> Expiries() => _registry.Read().GroupBy(named => named.Name).Select(group => new Measurement<double>(
        (group.Min(named => named.Certificate.NotAfter).ToUniversalTime() - _time.GetUtcNow().UtcDateTime).TotalSeconds,
        KeyValuePair.Create<string, object?>("name", group.Key)));
}
