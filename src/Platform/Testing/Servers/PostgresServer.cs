using System.Globalization;
using Npgsql;

namespace Maestro.Bus.Testing;

/// <summary>
/// A PostgreSQL of the test's own, with its files in a temporary folder. It can be killed and started again on the same port with what it
/// had on disk.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    const string Install = "sudo apt-get install -y postgresql";
    const string Binaries = "/usr/lib/postgresql";

    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    static readonly string[] Encryption =
        ["-c", "ssl=on", "-c", "ssl_cert_file=server.crt", "-c", "ssl_key_file=server.key", "-c", "ssl_ca_file=root.crt"];

    readonly TemporaryFolder _folder = new();
    ServerProcess? _process;
    bool _hasCertificate;

    /// <summary>The port that it listens on.</summary>
    public int Port { get; } = Ports.Free();

    /// <summary>How to reach the server's own database, which tests leave alone.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>Starts the server, or starts it again.</summary>
    /// <exception cref="ServerException">PostgreSQL is not installed, or does not start.</exception>
    public async Task Start(CancellationToken cancellationToken)
    {
        var binaries = FindBinaries();

        if (!Directory.Exists(_folder.At("data")))
            await CreateCluster(binaries, cancellationToken);

        _process = StartAsOwner(
            Path.Combine(binaries, "postgres"),
            [
                "-D", _folder.At("data"), .. _hasCertificate ? Encryption : [], "-p", $"{Port}",
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300",
            ]);
        await _process.Ready(Answers, StartLimit, cancellationToken);
    }

    /// <summary>
    /// Has the server speak TLS with a certificate from now on. The user <c>mutual</c>, which the first call creates, must show a
    /// certificate of the authority. The server must be running.
    /// </summary>
    public async Task Encrypt(TestCertificate certificate, TestAuthority authority, CancellationToken cancellationToken)
    {
        File.WriteAllText(_folder.At("data/server.crt"), certificate.Pem);
        File.WriteAllText(_folder.At("data/server.key"), certificate.Key);
        File.WriteAllText(_folder.At("data/root.crt"), authority.Pem);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.At("data/server.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (Environment.IsPrivilegedProcess)
        {
            await using var owner = ServerProcess.Start(
                "PostgreSQL", "chown",
                ["postgres", _folder.At("data/server.crt"), _folder.At("data/server.key"), _folder.At("data/root.crt")], Install);
            await owner.Succeeded(StartLimit, cancellationToken);
        }

        if (!_hasCertificate)
        {
            var access = _folder.At("data/pg_hba.conf");
            File.WriteAllText(access, $"hostssl all mutual all trust clientcert=verify-ca{Environment.NewLine}{File.ReadAllText(access)}");
            await Execute("CREATE USER mutual SUPERUSER", cancellationToken);
            _hasCertificate = true;
            await Kill();
            await Start(cancellationToken);
            return;
        }

        await Execute("SELECT pg_reload_conf()", cancellationToken);
        await Eventually.True(() => Shows(certificate, cancellationToken), StartLimit, "the server's new certificate", cancellationToken);
    }

    /// <summary>Kills the server as a power cut would.</summary>
    public async Task Kill()
    {
        if (_process is not null)
            await _process.DisposeAsync();

        _process = null;
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Creates a database, so that a test meets nobody else's tables, and gives its connection string.</summary>
    public async Task<string> CreateDatabase(CancellationToken cancellationToken)
    {
        var name = NewId.NextGuid().ToString("n");
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{name}\"", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionStringOf(name);
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _folder.Dispose();
    }

    string ConnectionStringOf(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username=postgres";

    async Task CreateCluster(string binaries, CancellationToken cancellationToken)
    {
        // The server refuses to run as root, and its own user must get into the folder.
        if (Environment.IsPrivilegedProcess)
        {
            await using var owner = ServerProcess.Start("PostgreSQL", "chown", ["postgres", _folder.Path], Install);
            await owner.Succeeded(StartLimit, cancellationToken);
        }

        await using var process = StartAsOwner(
            Path.Combine(binaries, "initdb"),
            ["-D", _folder.At("data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        await process.Succeeded(StartLimit, cancellationToken);
    }

    // Unlike runuser, setpriv becomes the program, so that killing it leaves nothing behind that the server's lock file could mean.
    ServerProcess StartAsOwner(string program, string[] arguments) =>
        Environment.IsPrivilegedProcess
            ? ServerProcess.Start(
                "PostgreSQL", "setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments], Install,
                workingDirectory: _folder.Path)
            : ServerProcess.Start("PostgreSQL", program, arguments, Install, workingDirectory: _folder.Path);

    async Task Execute(string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    async Task<bool> Shows(TestCertificate certificate, CancellationToken cancellationToken)
    {
        var shown = "";
        var builder = new NpgsqlDataSourceBuilder(ConnectionString + ";Pooling=false;SSL Mode=Require");
        builder.UseSslClientAuthenticationOptionsCallback(options => options.RemoteCertificateValidationCallback = (_, server, _, _) =>
        {
            shown = server!.GetSerialNumberString();
            return true;
        });
        await using var source = builder.Build();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return shown == certificate.Certificate.SerialNumber;
    }

    async Task<bool> Answers(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            // Nothing listens yet, or the server is still recovering.
            return false;
        }
    }

    // The newest version, in the folder that Debian and its derivatives keep them in.
    static string FindBinaries() =>
        Directory.Exists(Binaries)
        && Directory.GetDirectories(Binaries)
            .OrderByDescending(folder =>
                double.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb"))) is { } found
            ? found
            : throw ServerException.Missing("PostgreSQL", Install);
}
