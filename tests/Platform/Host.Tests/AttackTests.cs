using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>What an attacker has tried, at the real process of a host in Development.</summary>
public sealed class AttackTests(AttackedHost attacked) : IClassFixture<AttackedHost>
{
    const string Harmless =
        """
        { "id": "harmless", "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "nobody", "text": "harmless" } }] }
        """;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    HostProcess Host => attacked.Process;

    [Theory]
    [InlineData("text/plain", null, null)]
    [InlineData("text/plain", "https://evil.example", "cross-site")]
    [InlineData("application/json", "https://evil.example", null)]
    [InlineData("application/json", null, "cross-site")]
    [InlineData("application/json", "null", "cross-site")]
    [InlineData("application/json", null, "same-site")]
    [InlineData("application/x-www-form-urlencoded", null, null)]
    public async Task C02_what_a_browser_sends_for_a_page_of_another_origin_starts_no_flow_with_any_key(
        string type, string? origin, string? site)
    {
        foreach (var key in new[] { null, Host.Key })
        {
            var id = NewId.NextGuid();
            using var request = Flow($$"""{ "tenant": "acme", "flowId": "{{id}}", "specification": {{Harmless}} }""", key);
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue(type);
            foreach (var (name, value) in new[] { ("Origin", origin), ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors") })
            {
                if (value is not null)
                    request.Headers.Add(name, value);
            }

            using var response = await Host.Client.SendAsync(request, Cancellation);

            Assert.InRange((int)response.StatusCode, 400, 499);
            Assert.Equal(HttpStatusCode.NotFound, (await Get($"/flows/{FlowOfRequest("acme", id)}")).Status);
        }
    }

    [Fact]
    public async Task C09_a_flow_under_the_id_that_a_webhook_will_make_does_not_keep_the_webhook_from_running()
    {
        const string delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
        var webhook = DeterministicId.Of("webhook", "acme", "github", delivery);
        var flow = DeterministicId.Of("flow-of-webhook", "acme", "github", $"webhook-{delivery}", "github-push");

        foreach (var id in new[] { webhook, flow })
        {
            using var request = Flow($$"""{ "tenant": "acme", "flowId": "{{id}}", "specification": {{Harmless}} }""", Host.Key);
            using var response = await Host.Client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.Equal("Completed", await Ended(response.Headers.Location!.ToString()));
        }

        using var accepted = await Host.Client.SendAsync(SampleWebhook.Push(delivery), Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        Assert.Equal("Completed", await Ended($"/flows/{flow}"));
        Assert.Contains("github-push", (await Get($"/flows/{flow}")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C15_guesses_on_one_connection_are_slowed_down_with_one_line_in_the_log_and_a_valid_key_is_not()
    {
        const int guesses = 30;

        using var guesser = new TcpClient();
        await guesser.ConnectAsync(IPAddress.Loopback, Host.Address.Port, Cancellation);
        var stream = guesser.GetStream();
        var answers = new StringBuilder();
        var reading = Read(stream, answers);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, guesses).Select(guess =>
                $"GET /domains HTTP/1.1\r\nHost: x\r\nX-Api-Key: mbk_guess-{guess}\r\n\r\n"))),
            Cancellation);
        await Eventually.True(
            () => Task.FromResult(Answered() >= AttackedHost.FreeGuesses), Patience, "the guesses that are free", Cancellation);

        // Each round trip is time for the next guess, if it is not held.
        for (var i = 0; i < guesses; i++)
            Assert.Equal(HttpStatusCode.OK, (await Get("/domains")).Status);

        Assert.Equal(AttackedHost.FreeGuesses, Answered());
        guesser.Close();
        await reading;
        await Eventually.True(
            () => Task.FromResult(Host.Output.Contains("wrong key", StringComparison.Ordinal)), Patience, "the line", Cancellation);
        Assert.Single(Host.Output.Split('\n'), line => line.Contains("wrong key", StringComparison.Ordinal));
        Assert.DoesNotContain("mbk_guess", Host.Output, StringComparison.Ordinal);

        int Answered()
        {
            lock (answers)
                return $"{answers}".Split("HTTP/1.1 401").Length - 1;
        }
    }

    static Guid FlowOfRequest(string tenant, Guid id) => DeterministicId.Of("flow-of-request", tenant, $"{id:D}");

    static HttpRequestMessage Flow(string body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/flows")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        if (key is not null)
            request.Headers.Add("X-Api-Key", key);
        return request;
    }

    static async Task Read(NetworkStream stream, StringBuilder answers)
    {
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, Cancellation) is > 0 and var read)
            {
                lock (answers)
                    answers.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The test has closed the connection.
        }
    }

    async Task<(HttpStatusCode Status, string Body)> Get(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Api-Key", Host.Key } } };
        using var response = await Host.Client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    Task<string> Ended(string path) => Eventually.Some(
        async () =>
        {
            var (status, body) = await Get(path);
            return status == HttpStatusCode.OK && JsonElement.Parse(body).GetProperty("state").GetString() is "Completed" or "Failed"
                ? JsonElement.Parse(body).GetProperty("state").GetString()
                : null;
        },
        Patience, $"{path} to end", Cancellation);
}

/// <summary>The process that is attacked. A guess beyond the free ones is held for longer than any test.</summary>
public sealed class AttackedHost : IAsyncLifetime
{
    public const int FreeGuesses = 10;

    internal HostProcess Process { get; } = new(["Bus:Access:FailedAttempts:Delay=1m"]);

    public async ValueTask InitializeAsync() => await Process.Ready();

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
