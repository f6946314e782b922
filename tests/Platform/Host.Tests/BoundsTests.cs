using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>What the whole host answers to requests that are beyond a bound: always a problem that says what to do.</summary>
public sealed class BoundsTests(MemoryHost memory) : IClassFixture<MemoryHost>
{
    const string Id = "0b6f1c1e-3c5d-4e0a-9a53-6f6e0b9d2f11";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // One endpoint for each way in which a body is read.
    public static TheoryData<string> Readers =>
    [
        "/notifications/bulk", "/admin/jobs", $"/admin/jobs/{Id}/cancel", "/admin/dead-letters/operations", "/admin/dead-letters/1/edit",
    ];

    // Those that read their bodies themselves, too.
    public static TheoryData<string> Bodies => [.. Readers.Select(row => row.Data), "/flows", "/webhooks/github"];

    public static TheoryData<string, string, string> Refused => new()
    {
        { "repeated", "{\"a\":{\"b\":1,\"b\":2}}", "$.a.b" },
        { "deep", $"{{\"a\":{new string('[', 40)}{new string(']', 40)}}}", "$.a" },
        { "NUL", "{\"a\":[\"x\\u0000\"]}", "$.a[0]" },
        { "surrogate", "{\"a\":\"\\ud83d\"}", "$.a" },
        { "cut", "{\"a\":", "$.a" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_beyond_the_bound_is_refused_whether_its_length_is_announced_or_not(string path)
    {
        using var announced = await Post(path, new string(' ', 25 * 1024 * 1024));
        await IsProblem(announced, 413);

        using var chunked = await Post(path, new string(' ', 10 * 1024 * 1024), isChunked: true);
        await IsProblem(chunked, 413);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task JSON_that_something_behind_the_door_cannot_take_is_refused_with_its_place_at_every_endpoint(
        string what, string body, string place)
    {
        foreach (var path in Readers.Select(row => row.Data))
        {
            using var response = await Post(path, body);

            var problem = await IsProblem(response, 400);
            Assert.True(
                problem.TryGetProperty("errors", out var errors)
                && errors.EnumerateObject().Any(error => error.Name.StartsWith(place, StringComparison.Ordinal)),
                $"{what} at {path}: {problem}");
        }
    }

    [Theory]
    [InlineData("/admin/jobs", "{\"type\":\"SendBulk\",\"job\":{},\"prioriti\":5}", "$.prioriti")]
    [InlineData("/admin/jobs", "{\"type\":\"SendBulk\",\"job\":{},\"priority\":\"x\"}", "$.priority")]
    [InlineData("/admin/jobs", "{\"type\":\"SendBulk\",\"Type\":\"SendBulk\",\"job\":{}}", "$.Type")]
    [InlineData($"/admin/jobs/{Id}/cancel", "{\"because\":\"x\"}", "$.because")]
    [InlineData($"/admin/jobs/batches/{Id}/cancel", "true", "$")]
    [InlineData("/notifications/bulk", "{\"chanel\":\"email\"}", "$.chanel")]
    [InlineData("/admin/dead-letters/operations", "{\"kind\":\"retry\",\"selection\":{\"queu\":\"x\"}}", "$.selection.queu")]
    public async Task A_member_that_is_unknown_or_of_another_kind_is_refused_with_its_place(string path, string body, string place)
    {
        using var response = await Post(path, body);

        var problem = await IsProblem(response, 400);
        Assert.Contains(place, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task A_body_with_a_byte_order_mark_is_read_and_one_in_another_character_set_or_encoding_is_refused()
    {
        using var marked = await Post("/admin/jobs", "\uFEFF{\"type\":\"Nothing\",\"job\":{}}");
        Assert.Contains("Nothing", (await IsProblem(marked, 400)).GetProperty("detail").GetString(), StringComparison.Ordinal);

        foreach (var path in new[] { "/admin/jobs", $"/admin/jobs/{Id}/cancel" })
        {
            using var quoted = new ByteArrayContent("{\"x\":1}"u8.ToArray());
            quoted.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=\"UTF-8\"");
            using var read = await memory.Host.Client.PostAsync(path, quoted, Cancellation);
            Assert.Contains("$.x", (await IsProblem(read, 400)).GetProperty("errors").GetRawText(), StringComparison.Ordinal);
        }

        using var latin = new ByteArrayContent("{}"u8.ToArray());
        latin.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json; charset=iso-8859-1");
        using var refused = await memory.Host.Client.PostAsync("/admin/jobs", latin, Cancellation);
        await IsProblem(refused, 415);

        using var compressed = JsonContent.Create(new { type = "SendBulk" });
        compressed.Headers.ContentEncoding.Add("gzip");
        using var unread = await memory.Host.Client.PostAsync("/admin/jobs", compressed, Cancellation);
        await IsProblem(unread, 415);
    }

    [Theory]
    [InlineData("/admin/dead-letters?limit=x", 400)]
    [InlineData("/admin/dead-letters?limit=1&limit=2", 400)]
    [InlineData("/admin/dead-letters?text=a%00b", 400)]
    [InlineData("/admin/schedules/a%0Ab", 400)]
    [InlineData("/notifications?tenant=acme&limmit=5", 400)]
    [InlineData("/analytics/usage?tenant=acme&tenant=globex", 400)]
    [InlineData("/domains?x=1", 400)]
    [InlineData("/admin/jobs?limit=100000", 400)]
    public async Task A_query_that_is_unknown_unreadable_or_repeated_is_refused(string address, int status)
    {
        using var response = await memory.Host.Client.GetAsync(address, Cancellation);

        await IsProblem(response, status);
    }

    [Fact]
    public async Task An_address_and_headers_beyond_their_bounds_are_refused_with_a_problem_and_far_beyond_by_the_server()
    {
        Assert.Equal((414, true), await Send($"GET /domains?x={new string('a', 9_000)} HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal((414, false), await Send($"GET /domains?x={new string('a', 40_000)} HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal((431, true), await Send($"GET /domains HTTP/1.1\r\nHost: x\r\nA: {new string('a', 40_000)}\r\n\r\n"));
        Assert.Equal((431, true), await Send($"GET /domains HTTP/1.1\r\nHost: x\r\n{Lines(150)}\r\n"));
        Assert.Equal((431, false), await Send($"GET /domains HTTP/1.1\r\nHost: x\r\n{Lines(1_000)}\r\n"));

        static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(number => $"X-{number}: a\r\n"));
    }

    [Theory]
    [InlineData("TRACE", "/health/live")]
    [InlineData("CONNECT", "/health/live")]
    [InlineData("POST", "/health/live")]
    [InlineData("DELETE", "/health/ready")]
    [InlineData("TRACE", "/health/ready")]
    [InlineData("TRACE", "/domains")]
    [InlineData("TRACE", "/flows")]
    [InlineData("PROPFIND", "/health/live")]
    [InlineData("PROPFIND", "/admin/jobs")]
    [InlineData("get", "/health/live")]
    [InlineData("BREW", "/webhooks/github")]
    [InlineData("BREW", "/nothing")]
    public async Task A_method_that_an_address_does_not_serve_is_refused_with_those_that_it_does(string method, string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", memory.Host.Client.BaseAddress!.Port, Cancellation);
        var target = method == "CONNECT" ? "example.com:80" : path;
        var host = method == "CONNECT" ? target : "x";
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(client.GetStream());

        var answer = await reader.ReadToEndAsync(Cancellation);

        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nAllow: GET", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_answers_HEAD_as_well()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/health/live");
        using var response = await memory.Host.Client.SendAsync(request, Cancellation);

        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
    }

    async Task<(int Status, bool IsProblem)> Send(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", memory.Host.Client.BaseAddress!.Port, Cancellation);
        var last = request.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal);
        using var answer = new MemoryStream();

        try
        {
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(last), Cancellation);
        }
        catch (IOException)
        {
            // It is refused before all of it is sent. The answer is there to be read.
        }

        try
        {
            await client.GetStream().CopyToAsync(answer, Cancellation);
        }
        catch (IOException)
        {
            // The server has closed the connection without having read all of the request: that resets it behind the answer.
        }

        var text = Encoding.UTF8.GetString(answer.ToArray());
        return (
            int.Parse(text[9..12], System.Globalization.CultureInfo.InvariantCulture),
            text.Contains("application/problem+json", StringComparison.Ordinal));
    }

    async Task<HttpResponseMessage> Post(string path, string body, bool isChunked = false)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.TransferEncodingChunked = isChunked;
        // A body that is refused is not sent.
        request.Headers.ExpectContinue = true;
        return await memory.Host.Client.SendAsync(request, Cancellation);
    }

    static async Task<JsonElement> IsProblem(HttpResponseMessage response, int status)
    {
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body);
    }
}
