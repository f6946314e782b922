using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Maestro.Bus.Ledger.Chaos;

namespace Maestro.Bus.Benchmarks;

/// <summary>From a message's failure for good to the alert about its dead letter (requirements §2).</summary>
sealed class AlertLimits() : LimitGroup(new Limit("dead-letter-alert", 60))
{
    readonly HttpListener _listener = new();
    LedgerProcess _host = null!;
    int _alerts;

    public override async Task Start(CancellationToken cancellationToken)
    {
        var address = $"http://127.0.0.1:{Ports.Free()}/";
        _listener.Prefixes.Add(address);
        _listener.Start();
        _ = Listen();
        var settings = await Servers(cancellationToken);
        settings["Bus:Alerts:Webhook:Url"] = address;
        settings["Bus:Alerts:Webhook:Secret"] = "the-secret-of-the-limits";
        // All fail alike, and each is to be told of.
        settings["Bus:Alerts:Quiet"] = "0s";
        _host = await Host(settings, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        var before = Volatile.Read(ref _alerts);
        var clock = Stopwatch.StartNew();
        await _host.Send(new Entry(Entry.Invalid, number), cancellationToken);
        await Until(0, clock, () => Task.FromResult(Volatile.Read(ref _alerts) > before), cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _listener.Close();
    }

    async Task Listen()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                context.Response.Close();
                Interlocked.Increment(ref _alerts);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // It has been closed.
                return;
            }
        }
    }
}

/// <summary>From a change of the certificate's file to the first handshake that shows the new one.</summary>
sealed class CertificateLimits() : LimitGroup(new Limit("certificate-changed", 15))
{
    readonly TestAuthority _authority = new("limits");
    readonly int _port = Ports.Free();

    public override async Task Start(CancellationToken cancellationToken)
    {
        Write(out _);
        var settings = Files();
        settings["Kestrel:Endpoints:Tls:Url"] = $"https://127.0.0.1:{_port}";
        settings["Bus:Https:Certificate"] = At("server.pem");
        settings["Bus:Https:Key"] = At("server.key");
        var host = new LedgerProcess(settings, hasOwnUrls: true);
        Track(host);
        host.Start();
        await Await("the host", async () => await Shown(cancellationToken) is not null, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        Write(out var serial);
        await Until(0, async () => await Shown(cancellationToken) == serial, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _authority.Dispose();
    }

    void Write(out string serial)
    {
        using var certificate = _authority.Issue("localhost", ["localhost", "127.0.0.1"]);
        File.WriteAllText(At("server.key"), certificate.Key);
        File.WriteAllText(At("server.pem"), certificate.Pem);
        serial = certificate.Certificate.SerialNumber;
    }

    async Task<string?> Shown(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
            await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancellationToken);
            return tls.RemoteCertificate?.GetSerialNumberString();
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException)
        {
            // It does not listen yet.
            return null;
        }
    }
}

/// <summary>From SIGTERM to the end of a host that has nothing to do.</summary>
sealed class IdleStopLimits() : LimitGroup(new Limit("stop-idle", 25))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken) =>
        _host = await Host(await Servers(cancellationToken), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await Until(0, async () => await _host.Stop(cancellationToken) == 0, cancellationToken);
        _host.Start();
        await _host.Ready(cancellationToken);
    }
}

/// <summary>From SIGTERM to the end of a host with a consumer that does not come to one.</summary>
sealed class BusyStopLimits() : LimitGroup(new Limit("stop-busy", 25))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken) =>
        _host = await Host(await Servers(cancellationToken), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        // What was sent in the first round comes again after each start.
        if (number == 1)
            await _host.Send(new Entry(Entry.Hangs, number), cancellationToken);
        await Await("a consumer that hangs", () => IsInWork(cancellationToken), cancellationToken);
        await Until(0, async () => await _host.Stop(cancellationToken) == 0, cancellationToken);
        _host.Start();
        await _host.Ready(cancellationToken);
    }

    async Task<bool> IsInWork(CancellationToken cancellationToken) =>
        (await Broker.Read($"queues/%2F/{LedgerDomain.QueueName}", cancellationToken))
        .TryGetProperty("messages_unacknowledged", out var inWork) && inWork.GetInt64() > 0;
}
