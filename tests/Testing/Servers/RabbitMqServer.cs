using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace MaestroBus.Testing;

/// <summary>A RabbitMQ of the test's own, with its files in a temporary folder. It can be killed and started again on the same port with what it had on disk.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    const string Install = "sudo apt-get install -y rabbitmq-server";
    const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder _folder = new();
    readonly int _distribution = Ports.Free();
    readonly int _portMapper = Ports.Free();
    readonly HttpClient _management;
    ServerProcess? _process;

    public RabbitMqServer()
    {
        var port = Ports.Free();
        File.WriteAllText(_folder.At("plugins"), "[rabbitmq_management].");
        File.WriteAllText(_folder.At("rabbitmq.conf"), $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n");

        _management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/") };
        _management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; } = Ports.Free();

    /// <summary>The address of the default virtual host, for <c>Bus:RabbitMq:Url</c>.</summary>
    public string Url => $"amqp://guest:guest@127.0.0.1:{Port}/";

    /// <summary>Creates a virtual host, so that a test meets nobody else's queues, and gives its address.</summary>
    public async Task<string> CreateVirtualHost(CancellationToken cancellationToken)
    {
        var name = NewId.NextGuid().ToString("n");
        using var response = await _management.PutAsync($"vhosts/{name}", null, cancellationToken);
        response.EnsureSuccessStatusCode();
        return Url + name;
    }

    /// <summary>Starts the server, or starts it again.</summary>
    /// <exception cref="ServerException">RabbitMQ is not installed, or does not start.</exception>
    public async Task Start(CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
            throw ServerException.Missing("RabbitMQ", Install);

        _process = ServerProcess.Start("RabbitMQ", Program, [], Install, new Dictionary<string, string>
        {
            ["HOME"] = _folder.Path,
            ["ERL_EPMD_PORT"] = $"{_portMapper}",
            ["RABBITMQ_NODENAME"] = $"bus{Port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_DIST_PORT"] = $"{_distribution}",
            ["RABBITMQ_MNESIA_BASE"] = _folder.At("mnesia"),
            ["RABBITMQ_LOG_BASE"] = _folder.At("log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.At("plugins"),
            ["RABBITMQ_CONFIG_FILE"] = _folder.At("rabbitmq"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none",
        });

        await _process.Ready(async limit => await Greets(limit) && await Manages(limit), StartLimit, cancellationToken);
    }

    /// <summary>Kills the server as a power cut would.</summary>
    public async Task Kill()
    {
        if (_process is not null)
            await _process.DisposeAsync();

        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        // Erlang leaves its port mapper behind, which the server has started as a process of its own.
        await ServerProcess.Succeeds("epmd", ["-port", $"{_portMapper}", "-relaxed_command_check", "-kill"], CancellationToken.None);
        _management.Dispose();
        _folder.Dispose();
    }

    async Task<bool> Manages(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _management.GetAsync("overview", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Nothing listens yet.
            return false;
        }
    }

    async Task<bool> Greets(CancellationToken cancellationToken)
    {
        const byte methodFrame = 1;

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);

            var answer = new byte[1];
            return await stream.ReadAsync(answer, cancellationToken) == 1 && answer[0] == methodFrame;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // Nothing listens yet, or the listener is not ready to talk.
            return false;
        }
    }
}
