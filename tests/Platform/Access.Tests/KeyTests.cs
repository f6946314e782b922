using System.Net;

namespace Maestro.Bus.Access.Tests;

public sealed class KeyTests
{
    const string Missing = "The key is missing. Send a key of Bus:Access:Keys in the header X-Api-Key or as 'Authorization: Bearer'.";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("X-Api-Key", ProbeServer.ReaderKey)]
    [InlineData("Authorization", $"Bearer {ProbeServer.ReaderKey}")]
    [InlineData("Authorization", $"bearer {ProbeServer.ReaderKey}")]
    public async Task A_key_identifies_its_caller_in_either_header(string header, string value)
    {
        await using var server = await ProbeServer.Start();

        var answer = await server.Send("GET", "/reader", null, (header, value));

        Assert.Equal(("watcher", "Reader", "all tenants"), (answer.Seen.Name, answer.Seen.Role, answer.Seen.Tenants));
    }

    [Fact]
    public async Task A_caller_without_a_valid_key_is_refused_with_what_to_do()
    {
        await using var server = await ProbeServer.Start();

        var none = await server.Get("/reader");
        Assert.Equal((401, Missing), (none.Status, none.Problem));
        Assert.Equal("Bearer", $"{none.Response.Headers.WwwAuthenticate}");
        Assert.StartsWith("The key is unknown. ", (await server.Get("/reader", "mbk_wrong")).Problem, StringComparison.Ordinal);
        Assert.StartsWith(
            "The key is unknown. ", (await server.Get("/reader", ProbeServer.ReaderKey + "x")).Problem, StringComparison.Ordinal);
        Assert.Equal(401, (await server.Get("/reader", ProbeServer.Hash(ProbeServer.ReaderKey))).Status);
        Assert.Equal(
            401, (await server.Send(
                "GET", "/reader", null, ("X-Api-Key", ProbeServer.ReaderKey), ("X-Api-Key", ProbeServer.AdminKey))).Status);
        Assert.Equal(401, (await server.Send("GET", "/reader", null, ("Authorization", "Basic YTpi"))).Status);
        Assert.StartsWith(
            "Tokens are not accepted: ",
                (await server.Send("GET", "/reader", null, ("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."))).Problem,
                    StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_s_role_and_tenants_limit_what_it_may_do()
    {
        await using var server = await ProbeServer.Start();

        Assert.Equal(
            (403,
                "The caller's role does not allow this. The caller watcher has the role reader. This needs client. Use a key that has it."),
            await Asked("POST", "/client", ProbeServer.ReaderKey));
        Assert.Equal(200, (await Asked("POST", "/client", ProbeServer.AcmeKey)).Status);
        Assert.Equal(
            (403, "This concerns all tenants. The caller acme is limited to acme. Use a key whose Tenants is *."),
                await Asked("DELETE", "/all", ProbeServer.AcmeKey));
        Assert.Equal(200, (await Asked("DELETE", "/all", ProbeServer.AdminKey)).Status);
        Assert.Equal(200, (await server.Get("/tenants/acme", ProbeServer.AcmeKey)).Status);
        Assert.StartsWith(
            "The tenant is not one of yours. ", (await server.Get("/tenants/globex", ProbeServer.AcmeKey)).Problem,
                StringComparison.Ordinal);
        Assert.Equal(200, (await server.Get("/tenants/globex", ProbeServer.ReaderKey)).Status);

        async Task<(int Status, string Problem)> Asked(string method, string path, string key) =>
            await server.Send(method, path, null, ("X-Api-Key", key)) is { Status: not 200 } refused ? (refused.Status, refused.Problem)
                : (200, "");
    }

    [Fact]
    public async Task An_endpoint_that_declares_nothing_serves_administrators_of_all_tenants_only()
    {
        await using var server = await ProbeServer.Start();

        Assert.Equal(401, (await server.Get("/undeclared")).Status);
        Assert.Equal(403, (await server.Get("/undeclared", ProbeServer.ReaderKey)).Status);
        Assert.Equal(200, (await server.Get("/undeclared", ProbeServer.AdminKey)).Status);
        Assert.Equal(404, (await server.Get("/nothing")).Status);
        Assert.Equal(405, (await server.Get("/client")).Status);
    }

    [Fact]
    public async Task An_anonymous_endpoint_ignores_credentials_unless_it_identifies_callers()
    {
        await using var server = await ProbeServer.Start();

        Assert.Null(
            (await server.Send("POST", "/hook", "a=b", ("X-Api-Key", ProbeServer.AdminKey), ("Content-Type", "text/plain"))).Seen.Name);
        Assert.Equal("boss", (await server.Get("/known", ProbeServer.AdminKey)).Seen.Name);
        Assert.Null((await server.Get("/known", "wrong")).Seen.Name);
        Assert.DoesNotContain("checks", (await server.Get("/health/ready")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("checks", (await server.Get("/health/ready", ProbeServer.ClientKey)).Text, StringComparison.Ordinal);
        Assert.Contains("checks", (await server.Get("/health/ready", ProbeServer.ReaderKey)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/health/live", "wrong")).Response.StatusCode);
    }

    [Fact]
    public async Task Of_two_hashes_each_is_accepted_and_an_expired_key_is_refused_with_its_time()
    {
        await using var server = await ProbeServer.Start(new()
        {
            ["Bus:Access:Keys:watcher:Hashes:1"] = ProbeServer.Hash("mbk_the-next-key-of-the-watcher").ToUpperInvariant(),
            ["Bus:Access:Keys:shop:Expires"] = "2020-02-03T04:05:06Z",
        });

        Assert.Equal("watcher", (await server.Get("/reader", ProbeServer.ReaderKey)).Seen.Name);
        Assert.Equal("watcher", (await server.Get("/reader", "mbk_the-next-key-of-the-watcher")).Seen.Name);
        var expired = await server.Send("POST", "/client", null, ("X-Api-Key", ProbeServer.ClientKey));
        Assert.Equal(401, expired.Status);
        Assert.StartsWith("The key of shop has expired on 2020-02-03T04:05:06", expired.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_warns_once_of_the_callers_whose_keys_have_expired_or_expire_within_14_days()
    {
        await using var server = await ProbeServer.Start(
            new()
            {
                ["Bus:Access:Keys:watcher:Expires"] = "2026-12-14T12:00:00Z",
                ["Bus:Access:Keys:boss:Expires"] = "2026-11-30T12:00:00Z",
                ["Bus:Access:Keys:shop:Expires"] = "2026-12-14T12:00:01Z",
                ["Bus:Access:Keys:acme:Expires"] = "2026-12-13T12:30:00+01:00",
            },
            time: new MovableClock(new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero)));

        Assert.Contains(
            "Bus:Access:Keys:boss expired at 2026-11-30 12:00:00Z and is refused; " +
            "Bus:Access:Keys:acme expires at 2026-12-13 11:30:00Z, in 12 days; " +
            "Bus:Access:Keys:watcher expires at 2026-12-14 12:00:00Z, in 14 days. ",
            Assert.Single(Warnings(server)), StringComparison.Ordinal);
        Assert.Equal(401, (await server.Get("/reader", ProbeServer.AdminKey)).Status);
        Assert.Equal("watcher", (await server.Get("/reader", ProbeServer.ReaderKey)).Seen.Name);
    }

    [Fact]
    public async Task A_start_does_not_warn_of_keys_that_expire_later_or_never()
    {
        await using var server = await ProbeServer.Start(
            new() { ["Bus:Access:Keys:shop:Expires"] = "2026-12-14T12:00:01Z" },
            time: new MovableClock(new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero)));

        Assert.Empty(Warnings(server));
    }

    [Fact]
    public async Task Wrong_keys_in_the_settings_stop_the_start_and_no_message_shows_one()
    {
        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() => ProbeServer.Start(
            new()
            {
                ["Bus:Access:Keys:plain:Key"] = "a-secret-in-plain-text",
                ["Bus:Access:Keys:plain:Tenants:0"] = "*",
                ["Bus:Access:Keys:short:Key"] = "secret",
                ["Bus:Access:Keys:short:Tenants:0"] = "*",
                ["Bus:Access:Keys:twin:Hashes:0"] = ProbeServer.Hash(ProbeServer.AdminKey),
                ["Bus:Access:Keys:twin:Tenants:0"] = "no tenant",
                ["Bus:Access:Keys:empty:Tenants:0"] = "acme",
                ["Bus:Access:Keys:empty:Role"] = "captain",
                ["Bus:Access:Keys:lost:Hashes:0"] = "12ab",
                ["Bus:Access:Origins:0"] = "https://console.example.com/",
                ["Bus:Access:Proxies:0"] = "10.0.0.0/99",
                ["Bus:Admin:Keys:old:Key"] = "another-secret",
                ["Bus:Access:Oidc:Authority"] = "http://login.example.com",
            }));

        Assert.Contains(
            "Bus:Access:Keys:plain:Key is '(hidden)'. Keys in plain text are not accepted in Production. Run 'maestro keys new plain' ",
                problem.Message);
        Assert.Contains("Bus:Access:Keys:short:Key is '(hidden)'. Give the key 16 characters or more.", problem.Message);
        Assert.Contains("The keys boss and twin are the same. Give each caller its own.", problem.Message);
        Assert.Contains("Bus:Access:Keys:twin: The tenant 'no tenant' is not valid.", problem.Message);
        Assert.Contains("Bus:Access:Keys:empty: It has no key. Set Hashes to what 'maestro keys new' prints.", problem.Message);
        Assert.Contains("Bus:Access:Keys:empty:Role is 'captain'. Use one of client, reader, operator, admin.", problem.Message);
        Assert.Contains("Bus:Access:Keys:lost: One of the Hashes is not a SHA-256.", problem.Message);
        Assert.Contains("Bus:Access:Keys:lost: It has no Tenants.", problem.Message);
        Assert.Contains("The origin 'https://console.example.com/' is not valid.", problem.Message);
        Assert.Contains("The proxy '10.0.0.0/99' is not valid.", problem.Message);
        Assert.Contains(
            "Bus:Admin: The section Keys is not read any more. Remove it, run 'maestro keys new NAME --role ROLE' for each of old, ",
                problem.Message);
        Assert.Contains("Use an https address. Plain HTTP is accepted in Development only.", problem.Message);
        Assert.Contains("Name the audience of this bus's tokens", problem.Message);
        Assert.DoesNotContain("secret", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_without_a_key_or_provider_starts_switched_off_and_says_so_once()
    {
        await using var server = await ProbeServer.Start(keys: []);

        var refused = await server.Get("/reader");
        Assert.Equal(
            (403, true),
                (refused.Status,
                    refused.Problem.StartsWith(
                        "The administration and all that needs an identity are switched off. ", StringComparison.Ordinal)));
        Assert.Equal(403, (await server.Get("/undeclared", "mbk_any")).Status);
        Assert.Equal(200, (await server.Get("/health/ready")).Status);
        Assert.Single(server.Log.All, line => line.Contains("switched off", StringComparison.Ordinal));
        Assert.False(Directory.Exists(server.At("data")));
    }

    [Fact]
    public async Task Plain_text_keys_and_keys_of_its_own_are_accepted_in_Development()
    {
        await using var server = await ProbeServer.Start(
            new() { ["Bus:Access:Keys:mine:Key"] = "a-key-in-plain-text", ["Bus:Access:Keys:mine:Tenants:0"] = "acme" }, "Development");

        Assert.Equal(
            ("mine", "acme"),
                await server.Get("/reader", "a-key-in-plain-text") is var mine ? (mine.Seen.Name, mine.Seen.Tenants) : default);
        foreach (var (name, role) in new[] { ("development", "Admin"), ("development-reader", "Reader") })
        {
            var key = await File.ReadAllTextAsync(server.At($"data/{name}.key"), Cancellation);
            Assert.Matches("^mbk_[A-Za-z0-9_-]{43}\n\\z", key);
            var seen = (await server.Get("/reader", key.Trim())).Seen;
            Assert.Equal((name, role, "all tenants"), (seen.Name, seen.Role, seen.Tenants));
            Assert.DoesNotContain(server.Log.All, line => line.Contains(key.Trim(), StringComparison.Ordinal));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.At($"data/{name}.key")));
        }

        if (!OperatingSystem.IsWindows())
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(server.At("data")));
        Assert.Single(server.Log.All, line => line.Contains(server.At("data/development.key"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_development_key_that_is_found_is_kept_in_Development_and_means_nothing_in_Production()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string?> { ["Bus:Data:Folder"] = folder.Path };
        await using (var first = await ProbeServer.Start(settings, "Development"))
            Assert.Equal("development", (await first.Get("/undeclared", Key())).Seen.Name);
        var known = Key();
        await File.WriteAllTextAsync(folder.At("development-reader.key"), "half a ke", Cancellation);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.At("development.key"), (UnixFileMode)0b110_100_100);

        await using (var again = await ProbeServer.Start(settings, "Development"))
        {
            Assert.Equal(known, Key());
            Assert.Equal("development", (await again.Get("/undeclared", known)).Seen.Name);
            Assert.Matches("^mbk_[A-Za-z0-9_-]{43}\n\\z", await File.ReadAllTextAsync(folder.At("development-reader.key"), Cancellation));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.At("development.key")));
        }

        await using var production = await ProbeServer.Start(settings);
        Assert.Equal(401, (await production.Get("/undeclared", known)).Status);

        string Key() => File.ReadAllText(folder.At("development.key")).Trim();
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_ends_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("taken"), "a file", Cancellation);

        var problem = await Assert.ThrowsAsync<BusConfigurationException>(
            () => ProbeServer.Start(new() { ["Bus:Data:Folder"] = folder.At("taken") }, "Development"));

        Assert.Contains($"Bus:Data:Folder is '{folder.At("taken")}'. The development keys cannot be kept there: ", problem.Message);
    }

    [Fact]
    public async Task Of_many_who_make_a_key_at_once_all_get_the_same()
    {
        using var folder = new TemporaryFolder();
        await using var services = new ServiceCollection().BuildServiceProvider();
        var data = new DataFolder(new DataSettings { Folder = folder.At("data") }, services);

        var keys = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => KeyFile.ReadOrCreate(data, "one.key"), Cancellation)));

        Assert.Single(keys.Distinct());
        Assert.Equal(["development.lock", "one.key"], Directory.GetFiles(data.Path).Select(Path.GetFileName).Order());
    }

    static IEnumerable<string> Warnings(ProbeServer server) => server.Log.All.Where(
        line => line.StartsWith("Warning ", StringComparison.Ordinal) && line.Contains(nameof(AccessReport), StringComparison.Ordinal));
}
