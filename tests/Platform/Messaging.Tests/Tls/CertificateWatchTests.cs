using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

public sealed class CertificateWatchTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TestAuthority _authority = new("right");
    readonly ManualTimers _clock = new(TimeProvider.System.GetUtcNow());
    readonly LogLines _log = new();
    readonly ServiceProvider _services;
    readonly TlsClient _client;

    public CertificateWatchTests()
    {
        var bus = new BusBuilder(
            new ServiceCollection().AddLogging(logging => logging.AddProvider(_log)).AddMetrics().AddSingleton<TimeProvider>(_clock),
            new ConfigurationBuilder().Build());
        File.WriteAllText(_folder.At("ca.pem"), _authority.Pem);
        using var certificate = _authority.Issue("client", [], until: _clock.GetUtcNow().AddDays(20));
        var (path, key) = certificate.WriteTo(_folder, "client");
        _client = bus.AddTls(
            "Test:Tls", new TlsSettings { Enabled = true, CertificateAuthority = _folder.At("ca.pem"), Certificate = path, Key = key })!;
        bus.Problems.ThrowIfAny();
        _services = bus.Services.BuildServiceProvider();
    }

    CertificateWatch Watch => _services.GetServices<IHostedService>().OfType<CertificateWatch>().Single();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _services.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_expires_within_14_days_is_a_warning_each_day_and_an_error_once_it_has_expired()
    {
        using var watch = Watch;
        await watch.StartAsync(Cancellation);
        await watch.StopAsync(Cancellation);
        Assert.Empty(_log.All);

        After(watch, TimeSpan.FromDays(6.5), warnings: 1, errors: 0);
        Assert.Contains(
            $"Bus:Test:Tls:Certificate ({_folder.At("client.pem")}, CN=client) expires at ", _log.All[0], StringComparison.Ordinal);
        Assert.Contains("in 13 days", _log.All[0], StringComparison.Ordinal);

        After(watch, TimeSpan.FromHours(20), warnings: 1, errors: 0);
        After(watch, TimeSpan.FromHours(5), warnings: 2, errors: 0);
        After(watch, TimeSpan.FromDays(13), warnings: 2, errors: 1);
        Assert.Contains("expired at", _log.Of(LogLevel.Error)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_is_noticed_although_nothing_connects()
    {
        using var watch = Watch;
        await watch.StartAsync(Cancellation);
        using var other = new TestAuthority("other");
        File.WriteAllText(_folder.At("ca.pem"), other.Pem);

        await Eventually.True(
            () =>
            {
                _clock.Advance(CertificateWatch.Interval);
                return Task.FromResult(_log.All.Count > 0);
            },
            TimeSpan.FromMinutes(1), "the watch to look", Cancellation);

        Assert.Equal(1, _client.Version);
        Assert.Equal(["Bus:Test:Tls: the certificate files have changed; new connections use them"], _log.All);
        await watch.StopAsync(Cancellation);
    }

    [Fact]
    public async Task The_time_that_is_left_is_a_metric_by_setting()
    {
        using var watch = Watch;
        await watch.StartAsync(Cancellation);
        var measured = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "bus.certificate.expiry" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => measured[(string)tags[0].Value!] = value);
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(["Bus:Test:Tls:Certificate", "Bus:Test:Tls:CertificateAuthority"], measured.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(measured["Bus:Test:Tls:Certificate"], TimeSpan.FromDays(19.9).TotalSeconds, TimeSpan.FromDays(20).TotalSeconds);
        await watch.StopAsync(Cancellation);
    }

    void After(CertificateWatch watch, TimeSpan time, int warnings, int errors)
    {
        _clock.Advance(time);
        watch.Look();
        Assert.Equal((warnings, errors), (_log.Of(LogLevel.Warning).Count, _log.Of(LogLevel.Error).Count));
    }
}
