using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Admin.Tests;

public sealed class AccessTests
{
    const string ReaderKey = "a-key-for-reading-1";
    const string AdminKey = "a-key-for-everything-1";
    const string AcmeKey = "a-key-for-one-tenant-1";

    static readonly Dictionary<string, string?> Keys = new()
    {
        ["Bus:Access:Keys:watcher:Hashes:0"] = Hash(ReaderKey),
        ["Bus:Access:Keys:watcher:Tenants:0"] = "*",
        ["Bus:Access:Keys:boss:Hashes:0"] = Hash(AdminKey),
        ["Bus:Access:Keys:boss:Role"] = "admin",
        ["Bus:Access:Keys:boss:Tenants:0"] = "*",
        ["Bus:Access:Keys:acme:Hashes:0"] = Hash(AcmeKey),
        ["Bus:Access:Keys:acme:Role"] = "admin",
        ["Bus:Access:Keys:acme:Tenants:0"] = "acme",
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_command_line_sends_its_key_and_tells_what_is_wrong_with_it()
    {
        await using var server = await Start(Keys);

        var known = await CommandRun.Of(server.Client.BaseAddress, "whoami", "--json", "--key", ReaderKey);
        var unknown = await CommandRun.Of(server.Client.BaseAddress, "whoami", "--key", "nobody's");
        var limited = await CommandRun.Of(server.Client.BaseAddress, "whoami", "--key", AcmeKey);

        Assert.Equal(new Caller("watcher", "reader"), JsonSerializer.Deserialize<Caller>(known.Succeeded(), JsonSerializerOptions.Web));
        Assert.Equal(
            (1,
                "The key is unknown. Send a key of Bus:Access:Keys in the header X-Api-Key or as 'Authorization: Bearer'. The key is "
                    + "--key, or the environment variable MAESTRO_KEY."), (unknown.ExitCode, unknown.Error.Trim()));
        Assert.Equal(
            (1, "This concerns all tenants. The caller acme is limited to acme. Use a key whose Tenants is *."),
            (limited.ExitCode, limited.Error.Trim()));
    }

    [Fact]
    public async Task What_can_be_called_is_described_as_OpenAPI()
    {
        await using var server = await Start(Keys);
        server.Client.DefaultRequestHeaders.Add("X-Api-Key", ReaderKey);

        var document = await server.Client.GetFromJsonAsync<JsonElement>("/admin/openapi/admin.json", Cancellation);

        Assert.True(document.GetProperty("paths").TryGetProperty("/admin/caller", out _));
        Assert.All(document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Where(operation => operation.Value.GetProperty("operationId").GetString() != "GetCaller"), operation =>
        {
            var answers = operation.Value.GetProperty("responses");
            Assert.Contains(answers.EnumerateObject(), answer => answer.Name[0] == '2');
            foreach (var status in (string[])["400", "401", "403", "404", "409", "501"])
                Assert.True(answers.GetProperty(status).GetProperty("content").TryGetProperty("application/problem+json", out _),
                    $"{operation.Value.GetProperty("operationId")} {status}");
        });
        var schemas = document.GetProperty("components").GetProperty("schemas");
        foreach (var (path, page) in new[]
            { ("/admin/jobs", "JobPage"), ("/admin/dead-letters", "DeadLetterPage"), ("/admin/schedules", "SchedulePage") })
        {
            Assert.Contains(document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray(),
                parameter => parameter.GetProperty("name").GetString() == "page");
            Assert.True(schemas.GetProperty(page).GetProperty("properties").TryGetProperty("next", out _));
        }

        Assert.All(
            document.GetProperty("paths").EnumerateObject(), path => Assert.StartsWith("/admin/", path.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_description_tells_how_to_show_who_one_is_and_what_each_operation_needs()
    {
        await using var server = await Start(Keys);
        server.Client.DefaultRequestHeaders.Add("X-Api-Key", ReaderKey);

        var document = await server.Client.GetFromJsonAsync<JsonElement>("/admin/openapi/admin.json", Cancellation);

        var schemes = document.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal("X-Api-Key", schemes.GetProperty("ApiKey").GetProperty("name").GetString());
        Assert.Equal("bearer", schemes.GetProperty("Bearer").GetProperty("scheme").GetString());
        var needs = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).ToDictionary(
            operation => operation.Value.GetProperty("operationId").GetString()!, operation => operation.Value.GetProperty("security"));
        foreach (var (operation, role) in new[] { ("ListJobs", "reader"), ("CancelJob", "operator"), ("DeleteJob", "admin") })
            Assert.Equal(
                $$"""[{"ApiKey":["{{role}}"]},{"Bearer":["{{role}}"]}]""",
                JsonSerializer.Serialize(needs[operation]));
        Assert.All(needs.Values, need => Assert.Equal(2, need.GetArrayLength()));
    }

    [Theory]
    [InlineData("http://203.0.113.1:1", "a-key", true)]
    [InlineData("https://127.0.0.1:1", "a-key", false)]
    [InlineData("http://127.0.0.1:1", "a-key", false)]
    [InlineData("http://localhost:1", "a-key", false)]
    public void A_key_that_goes_to_another_machine_unencrypted_is_warned_of(string url, string key, bool warns)
    {
        var error = new StringWriter();
        var terminal = new Terminal { Error = error, IsInteractive = false, CanAsk = false, Variable = _ => null };
        var parsed = CommandLine.Create(terminal).Parse(["whoami", "--url", url, "--key", key]);

        using var session = Session.Open(parsed, terminal);

        Assert.Equal(warns, $"{error}".StartsWith("Warning: the key can be read on its way to 203.0.113.1", StringComparison.Ordinal));
        Assert.DoesNotContain(key, $"{error}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "nonsense")]
    [InlineData(2, "whoami", "--nonsense")]
    [InlineData(2, "whoami", "--url", "nowhere")]
    [InlineData(3, "whoami", "--url", "http://127.0.0.1:1")]
    [InlineData(0, "whoami", "--help")]
    [InlineData(0, "dlq", "edit", "--help")]
    [InlineData(2, "schedules", "show", "")]
    public async Task The_exit_code_tells_how_it_ended(int expected, params string[] arguments) =>
        Assert.Equal(expected, (await CommandRun.Of(null, arguments)).ExitCode);

    static Task<BusServer> Start(IEnumerable<KeyValuePair<string, string?>> settings) =>
        BusServer.Start(typeof(AccessTests).Assembly, settings, Cancellation);

    static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
