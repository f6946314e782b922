using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>The host as a process: what only a real start shows.</summary>
public sealed class StartTests
{
    const string Key = "a-key-of-the-start-tests";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    static string Program { get; } = typeof(global::Program).Assembly.Location;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wrong_settings_stop_the_start_with_all_of_them_on_standard_error_and_nothing_else()
    {
        var (exitCode, error, _) = await Run(
            "--Bus:Transport=pigeon", "--Bus:Queues:notifications:Attempts=0", "--Bus:Ingress:MaxBodySize=much",
            "--Bus:Schedules:nightly:Start=tomorrow", "--Bus:Schedules:nightly:Cron=0 2 * * *",
            "--Bus:Schedules:nightly:Message=MaestroBus.Notifications.Contracts.SendNotification");

        Assert.Equal(1, exitCode);
        Assert.Contains("Bus:Schedules:nightly:Start is 'tomorrow'. Use a time such as 2026-11-24T09:00:00Z, ", error);
        Assert.StartsWith("The bus cannot start: 4 settings are wrong.", error);
        Assert.Contains("Bus:Transport is 'pigeon'. Use one of memory, ", error);
        Assert.Contains("Bus:Queues:notifications:Attempts is '0'. ", error);
        Assert.Contains("Bus:Ingress:MaxBodySize is 'much'. ", error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task Wrong_settings_of_the_log_stop_the_start_with_what_would_be_right()
    {
        var (exitCode, error, _) = await Run(
            "--Bus:Transport=memory", "--Logging:LogLevel:Default=Infomation", "--Logging:Console:LogLevel:Default=all",
            "--Logging:Console:FormatterOptions:IncludeScopes=maybe");
        var (otherCode, other, _) = await Run("--Bus:Transport=memory", "--Logging:Console:FormatterName=jsn");

        Assert.Equal((1, 1), (exitCode, otherCode));
        Assert.StartsWith("The bus cannot start: 3 settings are wrong.", error, StringComparison.Ordinal);
        Assert.Contains("Logging:LogLevel:Default is 'Infomation'. Use one of Trace, Debug, ", error, StringComparison.Ordinal);
        Assert.Contains("Logging:Console:LogLevel:Default is 'all'. ", error, StringComparison.Ordinal);
        Assert.Contains("Logging:Console:FormatterOptions:IncludeScopes is 'maybe'. Use true or false.", error, StringComparison.Ordinal);
        Assert.Contains(
            "Logging:Console:FormatterName is 'jsn'. Use one of json, simple, systemd.", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_bus_that_is_locked_at_the_start_is_waited_for()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("locked.db");
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await Execute("PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; CREATE TABLE of_another_program (id INTEGER)");
        await using var host = new HostProcess([$"Bus:Sqlite:Path={path}", "Bus:Sqlite:BusyTimeout=200ms"]);

        await Eventually.True(
            () => Task.FromResult(host.HasExited
                || host.Output.Contains($"The bus's file {path} cannot be reached: another program", StringComparison.Ordinal)),
            Limit, "the line of the outage", Cancellation);
        Assert.False(host.HasExited, host.Output);
        await Execute("ROLLBACK");

        await host.Ready();
        Assert.Contains($"The bus's file {path} is back after ", host.Output, StringComparison.Ordinal);

        async Task Execute(string statement)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = statement;
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Settings_and_flows_are_read_beside_the_assembly_whatever_the_working_directory_is()
    {
        using var elsewhere = new TemporaryFolder();

        // The transport stands in appsettings.json only, and the missing folder of flows is named as it stands in the argument.
        var (exitCode, error, _) = await RunIn(elsewhere.Path, "--Bus:Orchestration:Flows=no-such-folder");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The bus cannot start: 1 setting is wrong.", error, StringComparison.Ordinal);
        Assert.Contains("Bus:Orchestration:Flows is 'no-such-folder'", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_database_stops_the_start_with_a_sentence_and_stays_as_it_is()
    {
        const string text = "This file is the list of what is to be bought on Friday, and it is no database whatsoever.";
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("list.txt"), text, Cancellation);

        var (exitCode, error, output) = await Run(
            "--Bus:Transport=memory", $"--Bus:Data:Folder={folder.At("data")}", $"--Bus:Database:Path={folder.At("list.txt")}",
            "--Bus:Database:Migrate=true");

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"The database {folder.At("list.txt")} cannot be used: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error + output, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(folder.At("list.txt"), Cancellation));
    }

    [Fact]
    public async Task A_content_root_without_settings_lacks_a_transport()
    {
        using var elsewhere = new TemporaryFolder();

        var (exitCode, error, _) = await Run("--contentRoot", elsewhere.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains("Bus:Transport is not set. Use one of memory, ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_is_run_in_any_position_and_an_unknown_one_is_refused()
    {
        var (migrated, _, _) = await Run("--Bus:Transport", "memory", "migrate", "--environment", "Production");
        var (exitCode, error, _) = await Run("--Bus:Transport", "memory", "migrat");

        Assert.Equal((0, 1), (migrated, exitCode));
        Assert.Equal("'migrat' is not a command of this host. Use describe, or migrate, or leave it out to run the bus.", error.Trim());
    }

    [Fact]
    public async Task A_port_that_is_in_use_stops_the_start_with_one_line()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}";

        var (exitCode, error, output) = await Run("--urls", url, "--Bus:Transport=memory", "--environment", "Production");

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"The bus cannot start: it cannot listen on {url}. The port {new Uri(url).Port} is in use. Stop the program that has it, or "
                + "choose another address, such as --urls http://localhost:5081.",
            error.Trim());
        Assert.DoesNotContain("   at ", output);
    }

    [Theory]
    [InlineData("--urls", "nonsense", "nonsense", "It is not an address. Use one such as {0}.")]
    [InlineData("--urls", "ftp://localhost:5081", "ftp://localhost:5081", "It begins with ftp. Use http or https, such as {0}.")]
    [InlineData("--urls", "http://localhost:70000", "http://localhost:70000", "There is no port 70000. Use one up to 65535, such as {0}.")]
    [InlineData(
        "--urls", "http://localhost:1/base", "http://localhost:1/base", "It has the path /base. Use an address without one, such as {0}.")]
    [InlineData("--http_ports", "many", "http://*:many", "It is not an address. Use one such as {0}.")]
    [InlineData("--Kestrel:Endpoints:Http:Url", "http://localhost:x", "http://localhost:x", "It is not an address. Use one such as {0}.")]
    [InlineData("--Kestrel:Endpoints:Http:Protocols", "Http1", "Kestrel:Endpoints:Http", "It has no Url. Give it one, such as {0}.")]
    public async Task An_address_that_is_not_one_stops_the_start_with_one_line(string setting, string value, string shown, string problem)
    {
        var (exitCode, error, output) = await Run(setting, value, "--Bus:Transport=memory", "--environment", "Production");

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"The bus cannot start: it cannot listen on "
                + $"{shown}. {problem.Replace("{0}", "http://localhost:5081", StringComparison.Ordinal)}",
            error.Trim());
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_to_a_queue_that_there_is_not_stops_the_start_with_the_queues_that_there_are()
    {
        var (exitCode, error, output) = await Run(
            "--urls", "http://127.0.0.1:0", "--Bus:Transport=memory", "--Bus:Schedules:nightly:Queue=notificatoins",
            "--Bus:Schedules:nightly:Cron=0 2 * * *",
            "--Bus:Schedules:nightly:Message=MaestroBus.Notifications.Contracts.SendNotification",
            "--Bus:Schedules:foreign:Queue=queue:elsewhere", "--Bus:Schedules:foreign:Cron=0 2 * * *",
            "--Bus:Schedules:foreign:Message=MaestroBus.Notifications.Contracts.SendNotification");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The bus cannot start: 1 setting is wrong.", error, StringComparison.Ordinal);
        Assert.Contains(
            "Bus:Schedules:nightly:Queue is 'notificatoins'. This host has analytics-events, ", error, StringComparison.Ordinal);
        Assert.Contains("If another program has it, write queue:notificatoins.", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error + output);
    }

    [Fact]
    public async Task The_environment_variables_are_honoured_below_the_frameworks_own_form()
    {
        var port = Ports.Free();
        await using var process = ServerProcess.Start(
            "The host",
            "dotnet",
            [Program, "--urls", $"http://127.0.0.1:{port}"],
            "nothing: it is built with the tests",
            new Dictionary<string, string>
            {
                ["Bus__Transport"] = "memory",
                ["MESSAGING_MAX_RETRY_ATTEMPTS"] = "2",
                ["MESSAGING_ENABLE_DLQ"] = "false",
                ["RABBITMQ_URL"] = "amqp://somewhere",
                ["KAFKA_BOOTSTRAP_SERVERS"] = "localhost:9092",
                ["Bus__Queues__notifications__Attempts"] = "9",
                ["Bus__Access__Keys__test__Hashes__0"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key))),
                ["Bus__Access__Keys__test__Tenants__0"] = "*",
            },
            AppContext.BaseDirectory);
        using var client = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            DefaultRequestHeaders = { { "X-Api-Key", Key } },
        };
        await process.Ready(
            async limit => await Ports.Accepts(port, limit) && (await client.GetAsync("/domains", limit)).IsSuccessStatusCode, Limit,
            Cancellation);

        var domains = await client.GetFromJsonAsync<List<JsonElement>>("/domains", Cancellation);

        var attempts = domains!.ToDictionary(
            domain => domain.GetProperty("queue").GetString()!, domain => domain.GetProperty("policy").GetProperty("attempts").GetInt32());
        Assert.Equal((2, 9), (attempts["ingress-events"], attempts["notifications"]));
    }

    [Fact]
    public async Task A_host_whose_broker_is_away_answers_live_from_the_first_second_and_503_to_everything_else()
    {
        using var folder = new TemporaryFolder();
        var (port, broker) = (Ports.Free(), Ports.Free());
        await using var process = ServerProcess.Start(
            "The host",
            "dotnet",
            [
                Program, "--urls", $"http://127.0.0.1:{port}", "--Bus:Transport=rabbitmq", $"--Bus:RabbitMq:Port={broker}",
                $"--Bus:Database:Path={folder.At("state.db")}",
            ],
            "nothing: it is built with the tests",
            null,
            AppContext.BaseDirectory);
        await process.Ready(limit => Ports.Accepts(port, limit), Limit, Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        foreach (var (path, status) in new[] { ("/health/live", 200), ("/health/ready", 503), ("/domains", 503), ("/flows", 503) })
        {
            using var response = await client.GetAsync(path, Cancellation);
            Assert.Equal((path, status), (path, (int)response.StatusCode));
        }

        // Nobody who asks again and again fills the log.
        for (var i = 0; i < 50; i++)
        {
            using (await client.GetAsync("/health/ready", Cancellation))
                Assert.DoesNotContain("ealth check", process.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_path_and_a_wrong_method_are_answered_with_a_problem()
    {
        using var memory = new MemoryHost();

        foreach (var (method, path, status) in new[] { (HttpMethod.Get, "/nothing", 404), (HttpMethod.Get, "/webhooks/github", 405),
            (HttpMethod.Get, $"/journeys/{NewId.NextGuid()}", 404) })
        {
            using var response = await memory.Host.Client.SendAsync(new HttpRequestMessage(method, path), Cancellation);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    static Task<(int ExitCode, string Error, string Output)> Run(params string[] arguments) =>
        RunIn(Environment.CurrentDirectory, arguments);

    static async Task<(int ExitCode, string Error, string Output)> RunIn(string workingDirectory, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await using var process = ServerProcess.Start(
            "The host", "dotnet", [Program, $"--Bus:Database:Path={folder.At("state.db")}", .. arguments],
            "nothing: it is built with the tests", workingDirectory: workingDirectory);
        var exitCode = await process.Ended(Cancellation);
        return (exitCode, process.Errors, string.Join(Environment.NewLine, process.Lines));
    }
}
