using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Maestro.Bus.Testing;

/// <summary>
/// A RabbitMQ of the test's own, with its files in a temporary folder. It can be killed and started again on the same port with what it had
/// on disk.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    const string Install = "sudo apt-get install -y rabbitmq-server";
    const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder _folder = new();
    readonly int _distribution = Ports.Free();
    readonly int _portMapper;
    readonly HttpClient _management;
    ServerProcess? _mapper;
    ServerProcess? _process;

    public RabbitMqServer()
        : this(Ports.Free())
    {
    }

    /// <summary>Makes a server whose nodes' names are kept by a port mapper that it may share with others.</summary>
    internal RabbitMqServer(int portMapper)
    {
        _portMapper = portMapper;
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

    /// <summary>The name of its node.</summary>
    internal string Node => $"bus{Port}@localhost";

    Dictionary<string, string> Environment => new()
    {
        ["HOME"] = _folder.Path,
        ["ERL_EPMD_PORT"] = $"{_portMapper}",
        ["RABBITMQ_NODENAME"] = Node,
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{Port}",
        ["RABBITMQ_DIST_PORT"] = $"{_distribution}",
        ["RABBITMQ_MNESIA_BASE"] = _folder.At("mnesia"),
        ["RABBITMQ_LOG_BASE"] = _folder.At("log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.At("plugins"),
        ["RABBITMQ_CONFIG_FILE"] = _folder.At("rabbitmq"),
        // The script becomes the server, which so ends with the tests and has the number that is killed.
        ["RUNNING_UNDER_SYSTEMD"] = "1",
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none",
    };

    /// <summary>Creates a virtual host, so that a test meets nobody else's queues, and gives its address.</summary>
    public async Task<string> CreateVirtualHost(CancellationToken cancellationToken)
    {
        var name = NewId.NextGuid().ToString("n");
        using var response = await _management.PutAsync($"vhosts/{name}", null, cancellationToken);
        response.EnsureSuccessStatusCode();
        return Url + name;
    }

    /// <summary>Reads from the management API, such as <c>queues/%2F</c>.</summary>
    public Task<JsonElement> Read(string path, CancellationToken cancellationToken) =>
        _management.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>Writes through the management API, such as a policy or a user.</summary>
    public async Task Put(string path, object body, CancellationToken cancellationToken)
    {
        using var response = await _management.PutAsJsonAsync(path, body, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Deletes something through the management API, such as a queue or a connection.</summary>
    public async Task Delete(string path, CancellationToken cancellationToken)
    {
        using var response = await _management.DeleteAsync(path, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Runs a command of <c>rabbitmqctl</c>, such as one that sets off an alarm.</summary>
    public async Task Control(string[] arguments, CancellationToken cancellationToken)
    {
        if (!await ServerProcess.Succeeds("/usr/lib/rabbitmq/bin/rabbitmqctl", arguments, cancellationToken, Environment))
            throw new ServerException($"rabbitmqctl {string.Join(' ', arguments)} has failed.");
    }

    /// <summary>Opens further ports that speak TLS, until the server ends.</summary>
    /// <param name="listeners">What each shows, and whose client certificates it wants.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The ports, in the order of the listeners.</returns>
    public async Task<IReadOnlyList<int>> Listen(IReadOnlyCollection<TlsOptions> listeners, CancellationToken cancellationToken)
    {
        var ports = listeners.Select(_ => Ports.Free()).ToList();
        var start = listeners.Zip(ports, (listener, port) =>
            $$"""ok = rabbit_networking:start_ssl_listener({"127.0.0.1", {{port}}}, [{{listener}}], 1)""");

        string[] evaluate = ["-n", Node, "eval", $"rabbit_networking:ensure_ssl(), {string.Join(", ", start)}."];
        await Control(evaluate, cancellationToken);
        return ports;
    }

    /// <summary>The subjects of the certificates that the clients of a virtual host have shown.</summary>
    public async Task<IReadOnlyList<string?>> ClientCertificates(string virtualHost, CancellationToken cancellationToken)
    {
        var connections = await _management.GetFromJsonAsync<JsonElement>($"vhosts/{virtualHost}/connections", cancellationToken);
        return
        [
            .. connections.EnumerateArray().Select(connection =>
                connection.TryGetProperty("peer_cert_subject", out var subject) ? subject.GetString() : null),
        ];
    }

    /// <summary>Closes the connections of a virtual host's clients.</summary>
    public async Task CloseConnections(string virtualHost, CancellationToken cancellationToken)
    {
        var connections = await _management.GetFromJsonAsync<JsonElement>($"vhosts/{virtualHost}/connections", cancellationToken);
        foreach (var connection in connections.EnumerateArray())
        {
            var name = Uri.EscapeDataString(connection.GetProperty("name").GetString()!);
            // Whoever has gone already is closed, too.
            using var response = await _management.DeleteAsync($"connections/{name}", cancellationToken);
        }
    }

    /// <summary>Makes the server one of a cluster, before its first start.</summary>
    /// <param name="nodes">The names of all nodes.</param>
    /// <param name="cookie">What the nodes know each other by.</param>
    internal void Join(IReadOnlyList<string> nodes, string cookie)
    {
        var peers = nodes.Select((node, index) => $"cluster_formation.classic_config.nodes.{index + 1} = {node}");
        File.AppendAllLines(_folder.At("rabbitmq.conf"), ["cluster_formation.peer_discovery_backend = classic_config", .. peers]);
        File.WriteAllText(_folder.At(".erlang.cookie"), cookie);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.At(".erlang.cookie"), UnixFileMode.UserRead);
    }

    /// <summary>Starts the server, or starts it again.</summary>
    /// <exception cref="ServerException">RabbitMQ is not installed, or does not start.</exception>
    public async Task Start(CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
            throw ServerException.Missing("RabbitMQ", Install);

        // Started by the server, it would be left behind.
        if (_mapper is null && !await Ports.Accepts(_portMapper, cancellationToken))
        {
            _mapper = ServerProcess.Start("Erlang's port mapper", "epmd", ["-port", $"{_portMapper}", "-address", "127.0.0.1"], Install);
            await _mapper.Ready(limit => Ports.Accepts(_portMapper, limit), StartLimit, cancellationToken);
        }

        _process = ServerProcess.Start("RabbitMQ", Program, [], Install, Environment);

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
        if (_mapper is not null)
            await _mapper.DisposeAsync();
        _management.Dispose();
        _folder.Dispose();
    }

    /// <summary>What a port that speaks TLS shows.</summary>
    /// <param name="Certificate">The file of its certificate.</param>
    /// <param name="Key">The file of the certificate's key.</param>
    /// <param name="ClientAuthority">The file of the authority that client certificates must be of; without it none is asked for.</param>
    public sealed record TlsOptions(string Certificate, string Key, string? ClientAuthority = null)
    {
        public override string ToString() =>
            $$"""{certfile, "{{Certificate}}"}, {keyfile, "{{Key}}"}"""
            + (ClientAuthority is null
                ? ""
                : $$""", {cacertfile, "{{ClientAuthority}}"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}""");
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
