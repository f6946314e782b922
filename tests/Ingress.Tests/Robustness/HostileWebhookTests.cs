using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Ingress.Tests;

// Alone, because the memory of the process is measured.
[CollectionDefinition(nameof(HostileWebhookTests), DisableParallelization = true)]
[Collection(nameof(HostileWebhookTests))]
public sealed class HostileWebhookTests : IAsyncLifetime
{
    const int Huge = 10 * 1024 * 1024;

    static readonly byte[] HugeBody = new byte[Huge];

    IngressHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IngressHost.Start();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_chunked_body_without_end_is_refused_once_it_is_past_the_limit()
    {
        using var client = await Connect();
        var stream = client.GetStream();
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string(' ', 0x10000)}\r\n");
        await Write(
            stream, "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");

        try
        {
            // Seventeen chunks are 65,536 bytes past the limit; there is no last one.
            for (var sent = 0; sent < 17; sent++)
                await stream.WriteAsync(chunk, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // It is refused before all of it is sent. The answer is there to be read.
        }

        Assert.StartsWith("HTTP/1.1 413 ", await ReadHead(stream));
    }

    [Fact]
    public async Task A_body_announced_as_too_long_is_refused_before_a_byte_of_it_is_sent()
    {
        using var client = await Connect();
        var stream = client.GetStream();

        await Write(
            stream,
            $"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Huge}\r\nExpect: "
                + "100-continue\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", await ReadHead(stream));
    }

    [Fact]
    public async Task Chunks_that_are_none_are_a_bad_request()
    {
        using var client = await Connect();
        var stream = client.GetStream();

        await Write(
            stream,
            "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                + "chunked\r\n\r\nzz\r\n{}\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", await ReadHead(stream));
        Assert.Empty(_host.Log.Of(LogLevel.Error));
    }

    [Theory]
    [InlineData("X-Hub-Signature-256", "sha256=\"><script>alert(1)</script>")]
    [InlineData("X-Hub-Signature-256", "x\tInjected: yes")]
    [InlineData("X-Hub-Signature-256", "{0}%n%s$(id)`id`';--")]
    [InlineData("X-Tenant", "acme%0d%0aInjected: yes")]
    [InlineData("X-GitHub-Event", "{\"a\":1}\t\\r\\n")]
    public async Task Nothing_that_a_header_holds_gets_into_the_answer(string header, string value)
    {
        var headers = Signed.ByGitHub("{}").Where(pair => pair.Item1 != header).Append((header, value)).ToList();

        var answer = await _host.Post("github", "{}", headers);

        Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized, $"{answer.Status}");
        answer.MustBeProblem(answer.Status, "");
        Assert.False(answer.Headers.Contains("Injected"));
        Assert.DoesNotContain("script", answer.Text);
        Assert.DoesNotContain("Injected", answer.Text);
        Assert.DoesNotContain(Signed.GitHubSecret, answer.Text);
    }

    [Fact]
    public async Task Refusals_of_one_kind_make_one_line_a_minute()
    {
        for (var number = 0; number < 20; number++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Post("github", "{}", Signed.ByGitHub("[]"))).Status);

        Assert.Single(_host.Log.Of(LogLevel.Warning), line => line.Contains("was refused with 401", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thousand_malformed_webhooks_are_refused_each_for_its_reason_and_memory_stays_flat()
    {
        var random = new Random(20260302);
        // The first ones fill the pools of buffers, which are kept.
        await PostMalformed(random, 500);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await PostMalformed(random, 1000);

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 8 * 1024 * 1024, $"Memory has grown by {grown:N0} bytes.");
        Assert.Empty(_host.Log.Of(LogLevel.Error));
        Assert.Equal(HttpStatusCode.Accepted, (await _host.Post("github", "{}", Signed.ByGitHub("{}"))).Status);
    }

    async Task PostMalformed(Random random, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var (provider, body, headers, contentType, expected) = Malformed(random);

            var answer = await _host.Post(provider, body, headers, contentType, chunked: random.Next(2) == 0);

            Assert.True(answer.Status == expected, $"{number}: {answer.Status} instead of {expected}: {answer.Text}");
            Assert.Equal("application/problem+json", answer.MediaType);
        }
    }

    static (string Provider, byte[] Body, (string, string)[] Headers, string ContentType, HttpStatusCode Expected) Malformed(Random random)
    {
        const string json = "application/json";
        var garbage = new byte[random.Next(1, 5000)];
        random.NextBytes(garbage);
        var text = Encoding.ASCII.GetBytes(Convert.ToHexString(garbage));

        return random.Next(12) switch
        {
            0 => ($"nobody{random.Next()}", garbage, [], json, HttpStatusCode.NotFound),
            1 => ("github", garbage, Signed.ByGitHub(garbage), "application/octet-stream", HttpStatusCode.UnsupportedMediaType),
            2 => ("github", HugeBody, [], json, HttpStatusCode.RequestEntityTooLarge),
            3 => ("github", garbage, [], json, HttpStatusCode.Unauthorized),
            4 => ("github", garbage, Signed.ByGitHub(text), json, HttpStatusCode.Unauthorized),
            5 => ("stripe", garbage, [("Stripe-Signature", Convert.ToBase64String(garbage))], json, HttpStatusCode.Unauthorized),
            6 => ("orders", garbage, [("X-Signature", $"sha256={Convert.ToBase64String(garbage[..Math.Min(32, garbage.Length)])}")], json,
                HttpStatusCode.Unauthorized),
            7 => ("github", [0xFF, .. garbage], Signed.ByGitHub([0xFF, .. garbage]), json, HttpStatusCode.BadRequest),
            8 => ("github", text, Signed.ByGitHub(text), json, HttpStatusCode.BadRequest),
            9 => Sound($"{new string('[', random.Next(1, 4000))}"),
            10 => Sound($$"""{"a":"{{new string('x', random.Next(4000))}}\ud8{{random.Next(10, 99)}}"}"""),
            _ => ("github", "{}"u8.ToArray(), Signed.ByGitHub("{}", id: new string('d', random.Next(201, 2000))), json,
                HttpStatusCode.BadRequest),
        };

        static (string, byte[], (string, string)[], string, HttpStatusCode) Sound(string body) =>
            ("github", Encoding.UTF8.GetBytes(body), Signed.ByGitHub(body), json, HttpStatusCode.BadRequest);
    }

    async Task<TcpClient> Connect()
    {
        var client = new TcpClient();
        await client.ConnectAsync(_host.Address.Host, _host.Address.Port, TestContext.Current.CancellationToken);
        return client;
    }

    static Task Write(NetworkStream stream, string text) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken).AsTask();

    static async Task<string> ReadHead(NetworkStream stream)
    {
        var buffer = new byte[4096];
        var read = await stream.ReadAtLeastAsync(buffer, 12, throwOnEndOfStream: true, TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
