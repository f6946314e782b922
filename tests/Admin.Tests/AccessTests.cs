using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MaestroBus.Admin.Tests;

public sealed class AccessTests
{
    const string ReaderKey = "a-key-for-reading-1";
    const string AdminKey = "a-key-for-everything-1";

    static readonly Dictionary<string, string?> Keys = new()
    {
        ["Bus:Admin:Keys:watcher:Key"] = ReaderKey,
        ["Bus:Admin:Keys:boss:Key"] = AdminKey,
        ["Bus:Admin:Keys:boss:Role"] = "admin",
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_keys_a_program_on_this_machine_may_do_everything()
    {
        await using var server = await Start([]);

        var run = await CommandRun.Of(server.Client.BaseAddress, "whoami");

        Assert.Equal("local, admin", run.Succeeded().Trim());
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Host", "evil.example")]
    public async Task Without_keys_whoever_comes_through_a_proxy_or_a_web_page_is_refused(string header, string value)
    {
        await using var server = await Start([]);

        using var response = await Get(server, (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("Bus:Admin:Keys", await Detail(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("a-key-that-nobody-has", HttpStatusCode.Unauthorized)]
    [InlineData(ReaderKey, HttpStatusCode.OK)]
    [InlineData(AdminKey, HttpStatusCode.OK)]
    public async Task With_keys_everybody_needs_one(string? key, HttpStatusCode expected)
    {
        await using var server = await Start(Keys);

        using var response = key is null ? await Get(server) : await Get(server, ("X-Api-Key", key));

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Unauthorized)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task The_command_line_sends_its_key_and_tells_what_is_wrong_with_it()
    {
        await using var server = await Start(Keys);

        var known = await CommandRun.Of(server.Client.BaseAddress, "whoami", "--json", "--key", ReaderKey);
        var unknown = await CommandRun.Of(server.Client.BaseAddress, "whoami", "--key", "nobody's");

        Assert.Equal(new Caller("watcher", "reader"), JsonSerializer.Deserialize<Caller>(known.Succeeded(), JsonSerializerOptions.Web));
        Assert.Equal((1, "The key is unknown. Send one of the keys of Bus:Admin:Keys in the header X-Api-Key."), (unknown.ExitCode, unknown.Error.Trim()));
    }

    [Fact]
    public async Task Short_keys_and_equal_keys_stop_the_start()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => Start(new Dictionary<string, string?>
        {
            ["Bus:Admin:Keys:short:Key"] = "secret",
            ["Bus:Admin:Keys:one:Key"] = AdminKey,
            ["Bus:Admin:Keys:two:Key"] = AdminKey,
        }));

        Assert.Contains("Bus:Admin:Keys:short:Key", exception.Message, StringComparison.Ordinal);
        Assert.Contains("one and two are the same", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_be_called_is_described_as_OpenAPI()
    {
        await using var server = await Start([]);

        var document = await server.Client.GetFromJsonAsync<JsonElement>("/admin/openapi/admin.json", Cancellation);

        Assert.True(document.GetProperty("paths").TryGetProperty("/admin/caller", out _));
        Assert.All(document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Where(operation => operation.Value.GetProperty("operationId").GetString() != "GetCaller"), operation =>
        {
            var answers = operation.Value.GetProperty("responses");
            Assert.Contains(answers.EnumerateObject(), answer => answer.Name[0] == '2');
            foreach (var status in (string[])["400", "401", "403", "404", "409", "501"])
                Assert.True(answers.GetProperty(status).GetProperty("content").TryGetProperty("application/problem+json", out _), $"{operation.Value.GetProperty("operationId")} {status}");
        });
        var schemas = document.GetProperty("components").GetProperty("schemas");
        foreach (var (path, page) in new[] { ("/admin/jobs", "JobPage"), ("/admin/dead-letters", "DeadLetterPage") })
        {
            Assert.Contains(document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray(), parameter => parameter.GetProperty("name").GetString() == "page");
            Assert.True(schemas.GetProperty(page).GetProperty("properties").TryGetProperty("next", out _));
        }

        Assert.All(document.GetProperty("paths").EnumerateObject(), path => Assert.StartsWith("/admin/", path.Name, StringComparison.Ordinal));
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

    static Task<BusServer> Start(IEnumerable<KeyValuePair<string, string?>> settings) => BusServer.Start(typeof(AccessTests).Assembly, settings, Cancellation);

    static async Task<HttpResponseMessage> Get(BusServer server, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/caller");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return await server.Client.SendAsync(request, Cancellation);
    }

    static async Task<string> Detail(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString()!;
}
