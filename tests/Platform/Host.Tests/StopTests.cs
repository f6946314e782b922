using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Host.Tests;

/// <summary>SIGTERM at any moment of a host's life: it ends well, soon, and nothing is lost (c11, c12).</summary>
public sealed class StopTests
{
    const int SideBySide = 3;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    static readonly (string, string)[] Sqlite = [("Bus:Transport", "sqlite")];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_is_told_to_stop_after_any_line_of_its_start_ends_well()
    {
        var lines = await LinesOfAStart();
        var moments = LongSuite.Size(5, 20);

        await Parallel.ForEachAsync(Enumerable.Range(0, moments), Options, async (moment, _) =>
        {
            var line = 1 + (moment * (lines - 1) / (moments - 1));
            using var folder = new TemporaryFolder();
            await using var host = SignalledHost.Start(folder, Sqlite, line);
            await host.ReadyOrEnded(Cancellation);

            // Two starts do not write the same number of lines.
            host.Terminate();

            AssertEndedWell(host, await host.Ended(Cancellation), $"after line {line} of {lines}");
        });
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_at_a_random_moment_of_its_start_ends_well()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var delays = Enumerable.Range(0, LongSuite.Size(2, 20)).Select(_ => random.Next(3_000)).ToList();

        await Parallel.ForEachAsync(delays, Options, async (delay, _) =>
        {
            using var folder = new TemporaryFolder();
            await using var host = SignalledHost.Start(folder, Sqlite);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(delay + 1));
            await timer.WaitForNextTickAsync(Cancellation);
            host.Terminate();

            var exitCode = await host.Ended(Cancellation);

            // Before the host's first statement the process is the runtime's, which ends it as the system does.
            var hasBegun = host.Lines.Count > 0 || Directory.EnumerateFileSystemEntries(folder.Path).Any();
            if (hasBegun || exitCode != 128 + 15)
                AssertEndedWell(host, exitCode, $"after {delay} ms, seed {seed}");
        });
    }

    [Fact]
    public async Task A_busy_host_on_SQLite_that_is_told_to_stop_again_and_again_loses_nothing()
    {
        using var folder = new TemporaryFolder();

        await LosesNothing(folder, Sqlite, LongSuite.Size(2, 20));
    }

    [Fact]
    public async Task A_busy_host_on_RabbitMQ_and_PostgreSQL_that_is_told_to_stop_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var broker = new RabbitMqServer();
        await using var database = new PostgresServer();
        await Task.WhenAll(broker.Start(Cancellation), database.Start(Cancellation));

        await LosesNothing(
            folder,
            [
                ("Bus:Transport", "rabbitmq"), ("Bus:RabbitMq:Url", broker.Url), ("Bus:Database:Provider", "postgresql"),
                ("Bus:Database:ConnectionString", await database.CreateDatabase(Cancellation)),
            ],
            LongSuite.Size(1, 20));
    }

    [Fact]
    public async Task Messages_in_work_come_to_their_end_before_the_host_does_whatever_requests_are_in_flight()
    {
        const int calls = 5;
        await using var api = await HeldApi.Start();
        using var folder = new TemporaryFolder();
        (string, string)[] settings =
        [
            .. Sqlite, ("Bus:Integration:Addresses:held:BaseAddress", api.Address), ("Bus:Integration:Addresses:held:Timeout", "1m"),
            ("Bus:Integration:Addresses:held:OverallTimeout", "1m"),
        ];
        var flows = new List<Uri>();

        await using (var host = SignalledHost.Start(folder, settings))
        {
            await host.Ready(Cancellation);
            for (var i = 0; i < calls; i++)
                flows.Add(await StartFlow(host.Client,
                    """{ "id": "call", "steps": [ { "id": "call", "adapter": "http", "input": { "address": "held", "path": "/" } } ] }"""));
            await Eventually.True(() => Task.FromResult(api.Begun == calls), Limit, "all calls", Cancellation);
            var requests = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => HalfARequest(host.Port)));

            host.Terminate();
            await Eventually.True(async () => !await Ports.Accepts(host.Port, Cancellation), Limit, "a host that takes no more requests",
                Cancellation);
            api.Release();

            AssertEndedWell(host, await host.Ended(Cancellation), "with calls and requests in flight");
            Assert.Equal(calls, api.Ended);
            Array.ForEach(requests, request => request.Dispose());
        }

        await using var next = SignalledHost.Start(folder, settings);
        await next.Ready(Cancellation);
        foreach (var flow in flows)
            await Eventually.True(async () => await StateOf(next.Client, flow) == "Completed", Limit, "the flow to complete", Cancellation);
        Assert.Equal(calls, api.Begun);
    }

    static ParallelOptions Options => new() { MaxDegreeOfParallelism = SideBySide, CancellationToken = Cancellation };

    static async Task<int> LinesOfAStart()
    {
        using var folder = new TemporaryFolder();
        await using var host = SignalledHost.Start(folder, Sqlite);
        await host.Ready(Cancellation);
        return host.Lines.Count;
    }

    /// <summary>
    /// Sends flows to one host after the other, tells each to stop in the middle of them, and looks for what has become of them.
    /// </summary>
    static async Task LosesNothing(TemporaryFolder folder, (string, string)[] settings, int stops)
    {
        var sent = new ConcurrentDictionary<Guid, bool>();
        var random = new Random(stops);

        for (var stop = 0; stop < stops; stop++)
        {
            await using var host = SignalledHost.Start(folder, settings);
            await host.Ready(Cancellation);
            await SendUntilStopped(host, random.Next(5, 80), sent);
            AssertEndedWell(host, await host.Ended(Cancellation), $"stop {stop}");
        }

        await using var last = SignalledHost.Start(folder, settings);
        await last.Ready(Cancellation);
        foreach (var (id, isAccepted) in sent)
        {
            if (isAccepted || await StateOf(last.Client, FlowOf(id)) is not null)
                await Eventually.True(async () => await StateOf(last.Client, FlowOf(id)) == "Completed", Limit,
                    $"flow {id}, accepted: {isAccepted}", Cancellation);
        }

        Assert.Contains(true, sent.Values);
        // A request that was cut off may have left a flow that has begun only since.
        foreach (var type in new[] { "FlowCompleted", "NotificationSent" })
            await Eventually.True(
                async () =>
                {
                    var counted = await Counted(last.Client, type);
                    foreach (var id in sent.Keys)
                        counted -= await StateOf(last.Client, FlowOf(id)) == "Completed" ? 1 : 0;
                    return counted == 0;
                },
                Limit, $"as many {type} to be counted as flows have completed", Cancellation);

        static Uri FlowOf(Guid id) =>
            new($"/flows/{DeterministicId.Of("flow-of-request", "acme", $"{id:D}")}", UriKind.Relative);
    }

    static async Task SendUntilStopped(SignalledHost host, int stopsAfter, ConcurrentDictionary<Guid, bool> sent)
    {
        var accepted = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (true)
            {
                var id = NewId.NextGuid();
                sent[id] = false;

                try
                {
                    using var body = new StringContent(
                        $$"""
                        {
                          "flowId": "{{id}}", "tenant": "acme", "trigger": {},
                          "specification": {
                            "id": "tell",
                            "steps": [ { "id": "tell", "adapter": "internal", "input": { "to": "ops", "subject": "s", "text": "t" } } ]
                          }
                        }
                        """,
                        Encoding.UTF8, "application/json");
                    using var answer = await host.Client.PostAsync("/flows", body, Cancellation);
                    if (answer.StatusCode == HttpStatusCode.Accepted)
                        sent[id] = true;
                }
                catch (HttpRequestException)
                {
                    // It has stopped, or cut the request off: what became of it is not known.
                    return;
                }

                if (sent[id] && Interlocked.Increment(ref accepted) == stopsAfter)
                    host.Terminate();
            }
        }));
    }

    static async Task<Uri> StartFlow(HttpClient client, string specification)
    {
        using var body = new StringContent($$"""{ "tenant": "acme", "trigger": {}, "specification": {{specification}} }""", Encoding.UTF8,
            "application/json");
        using var answer = await client.PostAsync("/flows", body, Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Cancellation));
        return answer.Headers.Location!;
    }

    static async Task<string?> StateOf(HttpClient client, Uri flow)
    {
        using var answer = await client.GetAsync(flow, Cancellation);
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation))
            .GetProperty("state").GetString() : null;
    }

    static async Task<int> Counted(HttpClient client, string type)
    {
        var usage = await client.GetFromJsonAsync<JsonElement>("/analytics/usage?tenant=acme", Cancellation);
        return usage.GetProperty("usage").EnumerateArray()
            .Where(entry => entry.GetProperty("messageType").GetString() == type).Sum(entry => entry.GetProperty("count").GetInt32());
    }

    /// <summary>A request whose body never comes to its end.</summary>
    static async Task<TcpClient> HalfARequest(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        await client.GetStream().WriteAsync(
            "POST /flows HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{ "u8.ToArray(),
                Cancellation);
        return client;
    }

    static void AssertEndedWell(SignalledHost host, int exitCode, string when)
    {
        var log = string.Join('\n', host.Lines);
        Assert.True(exitCode == 0 && host.Errors.Length == 0, $"The host has ended with {exitCode} {when}: {host.Errors}\n{log}");
        Assert.True(!log.Contains("Unhandled", StringComparison.Ordinal) && !log.Contains("has not stopped", StringComparison.Ordinal),
            $"{when}:\n{log}");
    }

    /// <summary>An API that answers when it is told to.</summary>
    sealed class HeldApi : IAsyncDisposable
    {
        readonly WebApplication _application;
        readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int _begun;
        int _ended;

        HeldApi(WebApplication application) => _application = application;

        public string Address => _application.Urls.First();

        public int Begun => Volatile.Read(ref _begun);

        public int Ended => Volatile.Read(ref _ended);

        public static async Task<HeldApi> Start()
        {
            var builder = ValidatedHost.CreateWebSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var api = new HeldApi(builder.Build());
            api._application.MapGet("/", async (CancellationToken aborted) =>
            {
                Interlocked.Increment(ref api._begun);
                await api._release.Task.WaitAsync(aborted);
                Interlocked.Increment(ref api._ended);
                return Results.Json(new { });
            });
            await api._application.StartAsync(Cancellation);
            return api;
        }

        public void Release() => _release.TrySetResult();

        public ValueTask DisposeAsync() => _application.DisposeAsync();
    }
}
