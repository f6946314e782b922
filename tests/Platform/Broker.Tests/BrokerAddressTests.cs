using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Broker.Tests;

/// <summary>How the broker is addressed: several nodes, and IP addresses of version 6.</summary>
public sealed class BrokerAddressTests(RabbitMqFixture rabbit)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Url", "amqp://guest:guest@127.0.0.1:{1},[::1]:{0}/{2}")]
    [InlineData("Host", "[::1]:{0}")]
    [InlineData("Host", "::1")]
    [InlineData("Host", "127.0.0.1:{1}, 127.0.0.1:{0}")]
    public async Task The_bus_reaches_the_node_that_is_there(string setting, string value)
    {
        using var second = new Relay(rabbit.Server.Port);
        var url = await rabbit.Server.CreateVirtualHost(Cancel);
        var virtualHost = url[(url.LastIndexOf('/') + 1)..];
        value = string.Format(System.Globalization.CultureInfo.InvariantCulture, value, second.Port, Ports.Free(), virtualHost);

        await using var host = await TickHost.Start(
            "", new($"Bus:RabbitMq:{setting}", value), new("Bus:RabbitMq:Port", $"{second.Port}"),
            new("Bus:RabbitMq:VirtualHost", virtualHost));

        await host.Publish("there");
        await Eventually.True(() => Task.FromResult(host.Log.Of("there").Any()), Limit, "a tick", Cancel);
    }

    [Theory]
    [InlineData("Url", "amqp://u:secret@a b:5672/", "'a b:5672' is not a host, nor a list of them; use amqp://user:password@host")]
    [InlineData("Url", "amqp://u:secret@a:5672,b:99999/", "'a:5672,b:99999' is not a host, nor a list of them; ")]
    [InlineData("Url", "amqp://u:secret@/vhost", "It names no host; ")]
    [InlineData("Url", "somewhere:5672", "It has no scheme; ")]
    [InlineData("Url", "http://somewhere/", "Its scheme is http; ")]
    [InlineData("Host", "a,,b", "Use a host name or an IP address, ")]
    [InlineData("Host", "::1:5672:x", "Use a host name or an IP address, ")]
    [InlineData("Host", "[::1", "Use a host name or an IP address, ")]
    public void What_is_no_address_stops_the_start_with_a_sentence(string setting, string value, string sentence)
    {
        var given = new KeyValuePair<string, string?>($"Bus:RabbitMq:{setting}", value);
        var exception = Assert.Throws<BusConfigurationException>(() => TickHost.Create("", given));

        Assert.Contains($"Bus:RabbitMq:{setting} is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The broker on one port more, on the loopback addresses of both versions.</summary>
    sealed class Relay : IDisposable
    {
        readonly TcpListener _listener = TcpListener.Create(0);
        readonly int _target;

        public Relay(int target)
        {
            _target = target;
            _listener.Start();
            _ = Run();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        async Task Run()
        {
            try
            {
                while (true)
                    _ = Copy(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        async Task Copy(TcpClient client)
        {
            using var server = new TcpClient();
            using (client)
            {
                await server.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
            }
        }
    }
}
