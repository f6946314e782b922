using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MaestroBus.Integration.Tests;

/// <summary>The credentials of an address reach its API, and nothing that an API says brings them back into the bus.</summary>
public sealed class CallApiKeyTests
{
    const string KeyRule =
        "Use a key of 8 or more ASCII characters on one line: a shorter one could not be masked in answers.";

    // Signs that each encoding writes in another way.
    const string Key = "k3y+with/\"signs\" & ümlaut=";
    const string AsciiKey = "mb_7f+3/9\"&<c2a1=e5d0";

    public static TheoryData<string> Echoes =>
    [
        AsciiKey,
        Convert.ToBase64String(Encoding.UTF8.GetBytes(AsciiKey)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"a:{AsciiKey}")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"ab:{AsciiKey}:c")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"abc:{AsciiKey}:cd")).Replace('+', '-').Replace('/', '_'),
        Convert.ToHexString(Encoding.UTF8.GetBytes(AsciiKey)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(AsciiKey)),
        Uri.EscapeDataString(AsciiKey),
        Uri.EscapeDataString(AsciiKey).ToLowerInvariant(),
        WebUtility.UrlEncode(AsciiKey),
        WebUtility.HtmlEncode(AsciiKey),
        AsciiKey.Replace("\"", "\\\"", StringComparison.Ordinal),
        AsciiKey.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("/", "\\/", StringComparison.Ordinal),
        System.Text.Json.JsonSerializer.Serialize(AsciiKey)[1..^1],
    ];

    [Theory]
    [InlineData(null, "X-Api-Key", "secret-of-the-shop")]
    [InlineData("X-Shop-Key", "X-Shop-Key", "secret-of-the-shop")]
    [InlineData("authorization", "Authorization", "Bearer secret-of-the-shop")]
    public async Task A_key_is_sent_with_every_call(string? header, string sent, string value)
    {
        await using var api = await Api.Answering(200);
        (string, string)[] settings = [("ApiKey", "secret-of-the-shop"),
            .. header is null ? Array.Empty<(string, string)>() : [("KeyHeader", header)]];
        await using var shop = await CallApiScenario.Start(api.Address, settings);

        await shop.Succeeds(CallApiScenario.Call());

        Assert.Equal(value, Assert.Single(api.Requests).Headers[sent]);
    }

    [Fact]
    public async Task A_keys_file_is_read_for_each_call_so_that_a_new_key_holds_at_once()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("shop.key");
        await using var api = await Api.Start(context => context.Response.WriteAsync($"You are {context.Request.Headers["X-Api-Key"]}."));
        await using var shop = await CallApiScenario.Start(api.Address, ("KeyFile", file));

        foreach (var key in (string[])["first-secret-key", "other-secret-key"])
        {
            await File.WriteAllTextAsync(file, key + "\n", TestContext.Current.CancellationToken);
            var stepId = key;
            var answer = await shop.Succeeds(CallApiScenario.Call() with { StepId = stepId });
            Assert.Equal("You are ***.", answer.Body!.Value.GetString());
        }

        Assert.Equal(["first-secret-key", "other-secret-key"], api.Requests.Select(request => request.Headers["X-Api-Key"]));
    }

    [Theory]
    [InlineData(null, "Could not find file")]
    [InlineData("", "it does not hold one key on one line")]
    [InlineData("one-secret-key\nX-Evil: 1", "it does not hold one key on one line")]
    public async Task Without_a_readable_key_no_call_is_made_and_the_call_goes_back_to_the_queue(string? content, string reason)
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("shop.key");
        if (content is not null)
            await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address, ("KeyFile", file));

        var fault = await shop.Faults(CallApiScenario.Call());

        var exception = Assert.Single(fault.Exceptions);
        Assert.Equal(typeof(ApiUnavailableException).FullName, exception.ExceptionType);
        Assert.StartsWith($"The key of 'shop' cannot be read from {file}: {reason}", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("one-secret-key", exception.Message, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task The_settings_of_a_key_are_checked_and_the_key_is_not_shown()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => CallApiScenario.Start(
            "http://localhost:1", ("ApiKey", "short"), ("KeyFile", "shop.key"), ("KeyHeader", "Host")));

        Assert.Equal(
            $"""
            The bus cannot start: 3 settings are wrong.
              - Bus:Integration:Addresses:shop: Set ApiKey or KeyFile, not both.
              - Bus:Integration:Addresses:shop:ApiKey is '(hidden)'. {KeyRule}
              - Bus:Integration:Addresses:shop:KeyHeader is 'Host'. Use a request header's name, such as X-Api-Key or Authorization.
            """,
            exception.Message,
            ignoreLineEndingDifferences: true);
    }

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task A_key_that_an_answer_repeats_is_masked(string echo)
    {
        await using var api = await Api.Start(context => context.Response.WriteAsJsonAsync(
            new Dictionary<string, object> { ["text"] = $"got {echo}, thanks", [$"key {echo}"] = new[] { echo } }));
        await using var shop = await CallApiScenario.Start(api.Address, ("ApiKey", AsciiKey));

        var body = (await shop.Succeeds(CallApiScenario.Call())).Body!.Value;

        Assert.Matches("^got [^,]{0,8}[*]{3}[^,]{0,8}, thanks$", body.GetProperty("text").GetString());
        Assert.DoesNotContain(Secret(echo), body.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("***", body.EnumerateObject().Last().Name, StringComparison.Ordinal);
        Assert.Contains("***", body.EnumerateObject().Last().Value[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task A_key_that_an_error_repeats_is_masked_in_the_reason(string echo)
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.StatusCode = 403;
            // Longer than what is shown, so that the cut meets the key.
            return context.Response.WriteAsync(new string('x', 290) + echo + new string('y', 300));
        });
        await using var shop = await CallApiScenario.Start(api.Address, ("ApiKey", AsciiKey));

        var failure = await shop.Fails(CallApiScenario.Call());

        Assert.Contains("***", failure.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret(echo)[..6], failure.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Basic YnVzOnRvcC1zZWNyZXQtcGFzcw==", "top-secret-pass")]
    [InlineData("Bearer abcdef-0123456789", "abcdef-0123456789")]
    [InlineData("abcdef-0123456789", "abcdef-0123456789")]
    public async Task A_configured_headers_value_and_what_it_holds_is_masked(string header, string secret)
    {
        await using var api = await Api.Start(context => context.Response.WriteAsJsonAsync(new { header, secret, number = 17 }));
        await using var shop = await CallApiScenario.Start(api.Address, ("Headers:X-Login", header));

        var body = (await shop.Succeeds(CallApiScenario.Call())).Body!.Value;

        Assert.Equal("""{"header":"***","secret":"***","number":17}""", body.GetRawText());
    }

    [Fact]
    public async Task A_key_of_digits_is_masked_where_an_answer_has_it_as_a_number()
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"key":1234567890123,"other":1.50e3}""");
        });
        await using var shop = await CallApiScenario.Start(api.Address, ("ApiKey", "1234567890123"));

        Assert.Equal("""{"key":"***","other":1.50e3}""", (await shop.Succeeds(CallApiScenario.Call())).Body!.Value.GetRawText());
    }

    [Fact]
    public async Task A_key_in_a_path_or_a_redirect_is_not_told()
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.Redirect("http://user:password@127.0.0.1:9/a-secret-key/next?token=abc");
            return Task.CompletedTask;
        });
        await using var shop = await CallApiScenario.Start(api.Address, ("ApiKey", "a-secret-key"));
        await using var away = await CallApiScenario.Start($"http://127.0.0.1:{Ports.Free()}", ("ApiKey", "a-secret-key"));

        var failure = await shop.Fails(CallApiScenario.Call());
        var fault = await away.Faults(CallApiScenario.Call(path: "/orders?key=a-secret-key"));

        Assert.Contains("redirect to http://127.0.0.1:9/***/next.", failure.Reason, StringComparison.Ordinal);
        Assert.StartsWith("GET /orders?key=*** of 'shop' could not be reached: ", fault.Exceptions[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_knows_keys_that_are_not_ASCII()
    {
        var mask = SecretMask.Of([Key, "short", null]);

        Assert.Equal("a *** b *** c short", mask.Apply($"a {Key} b {Uri.EscapeDataString(Key)} c short"));
    }

    // The part of an echo that the key alone decides.
    static string Secret(string echo) => echo.Length > AsciiKey.Length + 8 ? echo[8..^4] : echo;
}
