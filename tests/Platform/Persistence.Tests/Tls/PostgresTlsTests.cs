namespace Maestro.Bus.Persistence.Tests;

/// <summary>Encrypted connections to a real PostgreSQL.</summary>
public sealed class PostgresTlsTests(PostgresTlsServer server) : IClassFixture<PostgresTlsServer>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_good_certificate_is_accepted_and_every_connection_is_encrypted()
    {
        await Show(server.Authority.Issue("good", ["127.0.0.1"]));

        Assert.Equal([true], await Connect());
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_trusted_stops_the_start_with_the_check_that_failed()
    {
        await Refuses(TestAuthority.SelfSigned("attacker", ["127.0.0.1"]), "Unknown CA: it is self-signed (CN=attacker)");
        await Refuses(server.Unknown.Issue("server", ["127.0.0.1"]), "Unknown CA: it was issued by CN=unknown");
        await Refuses(server.Authority.Issue("expired", ["127.0.0.1"], Now.AddDays(-3), Now.AddDays(-2)), "Expired: it was valid until ");
        await Refuses(server.Authority.Issue("other", ["db.example.com"]), "Wrong name: it is for db.example.com, and not for 127.0.0.1.");

        Assert.Equal([true], await Connect(("Tls:ServerName", "db.example.com")));

        async Task Refuses(TestCertificate certificate, string reason)
        {
            await Show(certificate);
            var problem = await Assert.ThrowsAsync<BusConfigurationException>(() => Connect());
            Assert.StartsWith("Bus:Database: PostgreSQL cannot be used: ", problem.Message, StringComparison.Ordinal);
            Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_wants_a_client_certificate_is_shown_the_one_that_the_files_hold_then()
    {
        await Show(server.Authority.Issue("good", ["127.0.0.1"]));
        var mutual = (
            "ConnectionString", server.ConnectionString.Replace("Username=postgres", "Username=mutual", StringComparison.Ordinal));

        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() => Connect(mutual));
        Assert.Contains(
            "The server wants a client certificate, and Bus:Database:Tls:Certificate is not set.",
            problem.Message, StringComparison.Ordinal);

        using var one = server.Authority.Issue("one", []);
        using var two = server.Authority.Issue("two", []);
        var (certificate, key) = one.WriteTo(_folder, "client");
        await using var services = Services(mutual, ("Tls:Certificate", certificate), ("Tls:Key", key));
        Assert.Equal("/CN=one", await Shown(services));

        two.WriteTo(_folder, "client");
        Assert.Equal("/CN=two", await Shown(services));
    }

    [Fact]
    public async Task A_server_without_TLS_is_sent_no_login()
    {
        await using var plain = new RecordingListener("N"u8.ToArray());
        var connection = ("ConnectionString", $"Host=127.0.0.1;Port={plain.Port};Database=bus;Username=bus;Password=open-sesame");

        await Assert.ThrowsAsync<BusConfigurationException>(() => Connect(connection));

        // The question whether the server speaks TLS, each time, and nothing after its No.
        Assert.All(plain.Received.Chunk(8), request => Assert.Equal([0, 0, 0, 8, 4, 210, 22, 47], request));
    }

    [Theory]
    [InlineData("SSL Mode=Disable")]
    [InlineData("SslMode=VerifyFull")]
    [InlineData("Root Certificate=/ca.pem")]
    [InlineData("Trust Server Certificate=true")]
    public void The_connection_string_may_not_say_something_of_its_own(string keyword)
    {
        var problem = Assert.Throws<BusConfigurationException>(
            () => Services(("ConnectionString", $"Host=localhost;Database=bus;{keyword}")));

        Assert.Contains("Tls holds settings, and ConnectionString has ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(keyword.Split('=')[0], problem.Message, StringComparison.OrdinalIgnoreCase);
    }

    // Who shows what is the server's, one after the other.
    Task Show(TestCertificate certificate) => server.Server.Encrypt(certificate, server.Authority, Cancellation);

    async Task<IReadOnlyList<bool>> Connect(params (string Name, string Value)[] settings)
    {
        await using var services = Services(settings);
        await services.GetRequiredService<DatabaseMigrator>().Migrate(Cancellation);
        var database = services.GetRequiredService<BusDatabase>();
        await using var connection = await database.DataSource!.OpenConnectionAsync(Cancellation);
        await using var command = database.DataSource.CreateCommand(
            $"SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = '{Application}'");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<bool> encrypted = [];
        while (await reader.ReadAsync(Cancellation))
            encrypted.Add(reader.GetBoolean(0));
        return encrypted;
    }

    static async Task<string> Shown(ServiceProvider services)
    {
        var source = services.GetRequiredService<BusDatabase>().DataSource!;
        source.Clear();
        await using var command = source.CreateCommand("SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    const string Application = "tls-test";

    ServiceProvider Services(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();
        configuration["Bus:Database:Provider"] = "PostgreSql";
        configuration["Bus:Database:ConnectionString"] = $"{server.ConnectionString};Application Name={Application}";
        configuration["Bus:Database:Tls:Enabled"] = "true";
        configuration["Bus:Database:Tls:CertificateAuthority"] = server.AuthorityFile;
        foreach (var (name, value) in settings)
            configuration[$"Bus:Database:{name}"] = value;

        var bus = new BusBuilder(new ServiceCollection().AddLogging(), configuration);
        bus.AddDatabase();
        bus.Problems.ThrowIfAny();
        return bus.Services.BuildServiceProvider();
    }
}

/// <summary>A PostgreSQL whose certificate can be changed.</summary>
public sealed class PostgresTlsServer : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();

    public PostgresServer Server { get; } = new();

    /// <summary>The authority that is configured.</summary>
    public TestAuthority Authority { get; } = new("right");

    /// <summary>One that is not.</summary>
    public TestAuthority Unknown { get; } = new("unknown");

    public string AuthorityFile => _folder.At("ca.pem");

    public string ConnectionString => Server.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(AuthorityFile, Authority.Pem);
        await Server.Start(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        Unknown.Dispose();
        _folder.Dispose();
    }
}
