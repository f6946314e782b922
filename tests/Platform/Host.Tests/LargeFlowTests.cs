using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>A flow that would become gigabytes (c04), at the real process.</summary>
public sealed class LargeFlowTests
{
    const int Letters = 700_000;

    /// <summary>
    /// 768 MB: several times what the flow takes where it is bounded, and a limit where it is not. The machine is not to be the limit.
    /// </summary>
    const string Heap = "0x30000000";

    const int MostMegabytes = 700;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task C04_a_text_that_repeats_a_long_value_is_refused_or_fails_its_flow_and_nothing_else_suffers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The resident set is read from Linux.");
        await using var host = new HostProcess(heap: Heap);
        await host.Ready();

        using var refused = await Post(host, 20_000);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        // As many as the door lets through.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var others = Watch(host, stop.Token);
        var flows = new List<Uri>();
        for (var i = 0; i < 5; i++)
        {
            using var accepted = await Post(host, 100);
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
            flows.Add(accepted.Headers.Location!);
        }

        await stop.CancelAsync();
        var (asked, unanswered) = await others;
        Assert.True(asked > 0);
        Assert.Equal(0, unanswered);
        await host.Kill();

        // What was in work is in work again, and the server listens before.
        host.Restart();
        await host.Answers("/health/live");
        await host.Ready();
        foreach (var flow in flows)
            Assert.Contains("MaxInputSize", await Failure(host, flow), StringComparison.Ordinal);

        Assert.False(host.HasExited, host.Output);
        Assert.InRange(host.MostResident, 1, MostMegabytes);
        TestContext.Current.TestOutputHelper?.WriteLine($"{host.MostResident} MB at most, asked {asked} times");
    }

    static async Task<HttpResponseMessage> Post(HostProcess host, int repetitions)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            tenant = "acme",
            trigger = new { a = new string('a', Letters) },
            specification = new
            {
                id = "large",
                steps = new[] { new { id = "tell", adapter = "internal", input = new { to = "nobody" } } },
                bindings = new[] { new { to = "tell.text", text = string.Concat(Enumerable.Repeat("{trigger.a}", repetitions)) } },
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flows");
        request.Headers.Add("X-Api-Key", host.Key);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await host.Client.SendAsync(request, Cancellation);
    }

    static async Task<(int Asked, int Unanswered)> Watch(HostProcess host, CancellationToken stop)
    {
        var (asked, unanswered) = (0, 0);

        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/domains") { Headers = { { "X-Api-Key", host.Key } } };
            using var response = await host.Client.SendAsync(request, Cancellation);
            asked++;
            if (response.StatusCode != HttpStatusCode.OK)
                unanswered++;
        }
        while (!stop.IsCancellationRequested);

        return (asked, unanswered);
    }

    static Task<string> Failure(HostProcess host, Uri flow) => Eventually.Some(
        async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, flow) { Headers = { { "X-Api-Key", host.Key } } };
            using var response = await host.Client.SendAsync(request, Cancellation);
            if (!response.IsSuccessStatusCode)
                return null;

            var found = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            return found.GetProperty("state").GetString() is "Failed" ? found.GetProperty("failure").GetString() : null;
        },
        Patience, $"{flow} to fail", Cancellation);
}
