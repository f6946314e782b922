using System.Net;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Broker.Tests;

/// <summary>Encrypted connections to a real broker.</summary>
public sealed class RabbitMqTlsTests(RabbitMqTlsListeners listeners, RabbitMqFixture rabbit) : IClassFixture<RabbitMqTlsListeners>
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_with_a_good_certificate_is_used_on_any_port()
    {
        await using var bus = await Bus.Create(listeners, "good", rabbit);

        await bus.Started;

        await bus.Publish();
    }

    [Theory]
    [InlineData("self-signed", "Unknown CA: it is self-signed (CN=attacker)")]
    [InlineData("unknown", "Unknown CA: it was issued by CN=unknown")]
    [InlineData("expired", "Expired: it was valid until ")]
    [InlineData("other name", "Wrong name: it is for rabbit.example.com, and not for 127.0.0.1.")]
    [InlineData("attacker", "Unknown CA", "Expired")]
    [InlineData("mutual", "The server wants a client certificate, and Bus:RabbitMq:Tls:Certificate is not set.")]
    public async Task A_connection_that_cannot_be_trusted_is_not_made_and_log_and_readiness_say_why(
        string listener, params string[] reasons)
    {
        await using var bus = await Bus.Create(listeners, listener, rabbit);

        await bus.IsNotReady(reasons);

        Assert.False(bus.Started.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_certificate_for_a_configured_name_is_accepted()
    {
        await using var bus = await Bus.Create(listeners, "other name", rabbit, ("Bus:RabbitMq:Tls:ServerName", "rabbit.example.com"));

        await bus.Started;
    }

    [Fact]
    public async Task Any_certificate_is_accepted_where_a_setting_says_so()
    {
        await using var bus = await Bus.Create(
            listeners, "attacker", rabbit, ("Bus:RabbitMq:Tls:AllowUntrusted", "true"), ("Bus:RabbitMq:Tls:CertificateAuthority", null));

        await bus.Started;

        Assert.Contains(
            bus.Log.Of(LogLevel.Warning), line => line.StartsWith("Bus:RabbitMq:Tls:AllowUntrusted is true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broker_that_wants_a_client_certificate_is_shown_the_one_that_the_files_hold_then()
    {
        using var folder = new TemporaryFolder();
        using var one = listeners.Authority.Issue("one", []);
        using var two = listeners.Authority.Issue("two", []);
        var (certificate, key) = one.WriteTo(folder, "client");
        await using var bus = await Bus.Create(
            listeners, "mutual", rabbit, ("Bus:RabbitMq:Tls:Certificate", certificate), ("Bus:RabbitMq:Tls:Key", key));

        await bus.Started;
        await Shown("CN=one");

        two.WriteTo(folder, "client");
        await rabbit.Server.CloseConnections(bus.VirtualHost, Cancellation);
        await Shown("CN=two");
        await bus.Publish();

        Task Shown(string subject) => Eventually.True(
            async () => (await rabbit.Server.ClientCertificates(bus.VirtualHost, Cancellation)).Contains(subject),
            Limit, $"a connection of {subject}", Cancellation);
    }

    [Fact]
    public async Task A_refused_certificate_is_tried_again_and_accepted_once_its_authority_is_in_the_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("ca.pem"), listeners.Authority.Pem);
        await using var bus = await Bus.Create(
            listeners, "unknown", rabbit, ("Bus:RabbitMq:Tls:CertificateAuthority", folder.At("ca.pem")));
        await bus.IsNotReady("Unknown CA");

        File.AppendAllText(folder.At("ca.pem"), Environment.NewLine + listeners.Unknown.Pem);

        await bus.Started;
        await bus.IsReady();
    }

    [Fact]
    public async Task An_amqps_address_never_sends_anything_readable_to_a_port_that_does_not_speak_TLS()
    {
        // What a broker says to a client that speaks another version of its protocol.
        await using var plain = new RecordingListener("AMQP\0\0\u0009\u0001"u8.ToArray());
        await using var bus = Bus.Create($"amqps://guest:open-sesame@127.0.0.1:{plain.Port}/", "/");

        await bus.IsNotReady("The server does not speak TLS at this port.");

        const byte handshake = 22;
        Assert.Equal(handshake, plain.Received[0]);
        var readable = Encoding.Latin1.GetString(plain.Received);
        Assert.DoesNotContain("AMQP", readable, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", readable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_amqps_address_of_a_brokers_plain_port_is_not_connected_to()
    {
        await using var bus = Bus.Create($"amqps://guest:guest@127.0.0.1:{rabbit.Server.Port}/", "/");

        await bus.IsNotReady("The server does not speak TLS at this port.");
    }

    [Fact]
    public async Task An_amqp_address_is_not_encrypted_whatever_its_port()
    {
        // MassTransit takes the port 5671 for a sign of TLS.
        var address = $"127.71.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}";
        await using var listener = new RecordingListener([], new IPEndPoint(IPAddress.Parse(address), 5671));
        await using var bus = Bus.Create($"amqp://guest:guest@{address}:5671/", "/");

        await Eventually.True(() => Task.FromResult(listener.Received.Length >= 4), Limit, "the first bytes", Cancellation);

        Assert.Equal("AMQP"u8, listener.Received.AsSpan(0, 4));
    }

    /// <summary>A bus with one domain that is being started.</summary>
    sealed class Bus : IAsyncDisposable
    {
        readonly IHost _host;
        readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        Bus(IHost host, Testing.LogLines log, string virtualHost)
        {
            _host = host;
            Log = log;
            VirtualHost = virtualHost;
            Started = Start();
        }

        public Task Started { get; }

        public Testing.LogLines Log { get; }

        public string VirtualHost { get; }

        public static async Task<Bus> Create(
            RabbitMqTlsListeners listeners, string listener, RabbitMqFixture rabbit, params (string Name, string? Value)[] settings)
        {
            var virtualHost = new Uri(await rabbit.Server.CreateVirtualHost(Cancellation)).AbsolutePath[1..];
            return Create(
                $"amqps://guest:guest@127.0.0.1:{listeners.Port(listener)}/{virtualHost}", virtualHost,
                [("Bus:RabbitMq:Tls:CertificateAuthority", listeners.AuthorityFile), .. settings]);
        }

        public static Bus Create(string url, string virtualHost, params (string Name, string? Value)[] settings)
        {
            var log = new Testing.LogLines();
            var builder = ValidatedHost.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Test" });
            builder.Logging.ClearProviders().AddProvider(log);
            builder.Configuration["Bus:Transport"] = "rabbitmq";
            builder.Configuration["Bus:RabbitMq:Url"] = url;
            foreach (var (name, value) in settings)
                builder.Configuration[name] = value;
            builder.Services.AddBus(builder.Configuration, [new TickDomain()], [new RabbitMqTransport()]);
            return new Bus(builder.Build(), log, virtualHost);
        }

        public async Task Publish()
        {
            await _host.Services.GetRequiredService<IBus>().Publish(new Tick("encrypted"), Cancellation);
            await Eventually.True(
                () => Task.FromResult(_host.Services.GetRequiredService<TickLog>().Of("encrypted").Any()),
                Limit, "the message", Cancellation);
        }

        public Task IsReady() =>
            Eventually.True(async () => (await Health()).Status == HealthStatus.Healthy, Limit, "the bus to be ready", Cancellation);

        public async Task IsNotReady(params string[] reasons)
        {
            HealthReportEntry seen = default;

            try
            {
                await Eventually.True(
                    async () =>
                    {
                        seen = await Health();
                        return seen.Status == HealthStatus.Unhealthy
                            && reasons.All(reason => seen.Description!.Contains(reason, StringComparison.Ordinal));
                    },
                    Limit, "the reason in the readiness", Cancellation);
            }
            catch (TimeoutException exception)
            {
                throw new TimeoutException(
                    $"{exception.Message} It says {seen.Status}: {seen.Description}", exception);
            }

            await Eventually.True(
                () => Task.FromResult(
                    Log.Of(LogLevel.Warning).Any(line => reasons.All(reason => line.Contains(reason, StringComparison.Ordinal)))),
                Limit, "the reason in the log", Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Started.ContinueWith(_ => { }, TaskScheduler.Default);
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
            _end.Dispose();
        }

        async Task Start() => await _host.StartAsync(_end.Token);

        async Task<HealthReportEntry> Health() =>
            (await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["rabbitmq-work"];
    }
}

/// <summary>The broker's ports that speak TLS.</summary>
public sealed class RabbitMqTlsListeners(RabbitMqFixture rabbit) : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, int> _ports = [];

    /// <summary>The authority that is configured.</summary>
    public TestAuthority Authority { get; } = new("right");

    /// <summary>One that is not.</summary>
    public TestAuthority Unknown { get; } = new("unknown");

    public string AuthorityFile => _folder.At("ca.pem");

    public int Port(string listener) => _ports[listener];

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(AuthorityFile, Authority.Pem);
        string[] here = ["localhost", "127.0.0.1"];
        var now = TimeProvider.System.GetUtcNow();
        var (from, until) = (now.AddDays(-60), now.AddDays(-30));
        (string Name, TestCertificate Certificate)[] shown =
        [
            ("good", Authority.Issue("good", here)),
            ("self-signed", TestAuthority.SelfSigned("attacker", here)),
            ("unknown", Unknown.Issue("server", here)),
            ("expired", Authority.Issue("expired", here, from, until)),
            ("other name", Authority.Issue("other", ["rabbit.example.com"])),
            ("attacker", TestAuthority.SelfSigned("attacker", here, from, until)),
            ("mutual", Authority.Issue("mutual", here)),
        ];

        var ports = await rabbit.Server.Listen(
            [.. shown.Select(Options)],
            TestContext.Current.CancellationToken);
        foreach (var (listener, port) in shown.Zip(ports))
            _ports[listener.Name] = port;
    }

    public ValueTask DisposeAsync()
    {
        Authority.Dispose();
        Unknown.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    RabbitMqServer.TlsOptions Options((string Name, TestCertificate Certificate) shown)
    {
        var (certificate, key) = shown.Certificate.WriteTo(_folder, shown.Name);
        shown.Certificate.Dispose();
        return new(certificate, key, shown.Name == "mutual" ? AuthorityFile : null);
    }
}
