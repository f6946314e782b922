namespace Maestro.Bus.Testing;

/// <summary>A PgBouncer of the test's own in front of a PostgreSQL.</summary>
public sealed class PgBouncerServer : IAsyncDisposable
{
    const string Install = "sudo apt-get install -y pgbouncer";

    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();
    ServerProcess? _process;

    /// <summary>The port that it listens on.</summary>
    public int Port { get; } = Ports.Free();

    /// <summary>Starts it in front of a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="mode">How long a client keeps a session: <c>session</c>, <c>transaction</c> or <c>statement</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ServerException">PgBouncer is not installed, or does not start.</exception>
    public async Task Start(PostgresServer server, string mode, CancellationToken cancellationToken)
    {
        File.WriteAllText(_folder.At("pgbouncer.ini"), $"""
            [databases]
            * = host=127.0.0.1 port={server.Port} user=postgres

            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            default_pool_size = 20
            max_client_conn = 500
            """);

        if (Environment.IsPrivilegedProcess)
        {
            // It refuses to run as root, and its own user must get into the folder.
            await using var owner = ServerProcess.Start("PgBouncer", "chown", ["-R", "postgres", _folder.Path], Install);
            await owner.Succeeded(StartLimit, cancellationToken);
        }

        string[] program = [File.Exists("/usr/sbin/pgbouncer") ? "/usr/sbin/pgbouncer" : "pgbouncer", _folder.At("pgbouncer.ini")];
        _process = Environment.IsPrivilegedProcess
            ? ServerProcess.Start("PgBouncer", "setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", .. program], Install)
            : ServerProcess.Start("PgBouncer", program[0], program[1..], Install);
        await _process.Ready(token => Ports.Accepts(Port, token), StartLimit, cancellationToken);
    }

    /// <summary>Makes the connection string of a database of its server's.</summary>
    public string Of(string connectionString) =>
        new Npgsql.NpgsqlConnectionStringBuilder(connectionString) { Port = Port }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }
}
