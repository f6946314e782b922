using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MaestroBus.Orchestration.Contracts;

namespace Maestro.Bus.Host.Tests;

/// <summary>The product's main job on a transport: a real webhook passes through all five queue domains.</summary>
public abstract class JourneyTests(BusHost host)
{
    static readonly string[] FiveQueues = ["analytics-events", "ingress-events", "integration-tasks", "notifications",
        "orchestration-flows"];

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Samples => SampleWebhook.Files;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_webhook_passes_through_all_five_domains(string file)
    {
        using var response = await host.Client.SendAsync(SampleWebhook.Of(file), Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var receipt = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        // A hop is noted when its message has been handled, which may be after what came of it.
        var hops = await Eventually.Some(
            async () => await host.Journey(receipt.GetProperty("journey").GetString()!) is var found
                && FiveQueues.SequenceEqual(found.Select(hop => hop.Queue).Distinct().Order())
                ? found
                : null,
            Patience, "hops through all five queues", Cancellation);
        Assert.All(hops, hop => Assert.Equal("handled", hop.Outcome));
    }

    [Fact]
    public async Task A_repeated_webhook_has_its_effect_once()
    {
        var delivery = $"repeated-{NewId.NextGuid()}";

        for (var i = 0; i < 3; i++)
        {
            using var response = await host.Client.SendAsync(SampleWebhook.Push(delivery), Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }

        var journey = $"/journeys/{DeterministicId.Of("webhook", "acme", "github", delivery)}";
        var hops = await Eventually.Some(
            async () => await host.Journey(journey) is var found
                && found.Count(hop => hop is { Queue: "orchestration-flows", MessageType: "WebhookAccepted" }) == 3
                && found.Exists(hop => hop.MessageType == "StartFlow") && found.Exists(hop => hop.MessageType == "SendNotification")
                ? found
                : null,
            Patience, "all three deliveries", Cancellation);
        Assert.Single(hops, hop => hop.MessageType == "StartFlow");
        Assert.Single(hops, hop => hop.MessageType == "SendNotification");
    }

    [Fact]
    public void Whatever_it_keeps_is_readable_by_its_user_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");

        // With its state in PostgreSQL it keeps its keys only.
        Assert.Contains(host.Files, file => file.EndsWith("development.key", StringComparison.Ordinal));
        Assert.All(host.Files, file => Assert.Equal((UnixFileMode)0, ModeOf(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)));
    }

    [Fact]
    public async Task A_flow_that_is_posted_comes_to_its_end()
    {
        using var response = await host.Client.PostAsJsonAsync(
            "/flows",
            new
            {
                specificationId = "order-placed",
                trigger = new
                {
                    order = new
                    {
                        number = "A-1",
                        customer = new
                        {
                            name = "Ada",
                            email = "ada@example.com"
                        }
                    }
                }
            },
            Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await host.Completed(response.Headers.Location!);
    }

    [Fact]
    public async Task Usage_and_notifications_are_there_after_a_flow()
    {
        using var response = await host.Client.SendAsync(SampleWebhook.Push($"usage-{NewId.NextGuid()}"), Cancellation);
        var receipt = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        await host.Journey(receipt.GetProperty("journey").GetString()!);

        await Eventually.True(
            async () =>
            {
                var usage = await host.Client.GetFromJsonAsync<JsonElement>("/analytics/usage?tenant=acme", Cancellation);
                var counted = usage.GetProperty("usage").EnumerateArray()
                    .ToDictionary(entry => entry.GetProperty("messageType").GetString()!, entry => entry.GetProperty("count").GetInt64());
                return new[] { "WebhookAccepted", "FlowCompleted", "NotificationSent" }.All(type => counted.GetValueOrDefault(type) >= 1);
            },
            Patience, "what a flow is billed for to be counted", Cancellation);

        var notifications = await host.Client.GetStringAsync("/notifications?tenant=acme", Cancellation);
        Assert.Contains("pushed to", notifications);
    }

    /// <summary>MassTransit reads the time of raw JSON, as the embedded transport carries it, out of the id.</summary>
    [Fact]
    public async Task A_message_whose_id_is_a_hash_is_counted_into_the_hour_that_it_is_handled_in()
    {
        var tenant = $"hash-{NewId.NextGuid():n}";
        // One that holds what MassTransit takes for a time, long before those that anybody asks for.
        var id = Enumerable.Range(0, int.MaxValue).Select(number => DeterministicId.Of("usage", $"{number}"))
            .First(id => id.ToNewId().Timestamp is var time && time.Year > 1970 && time < TimeProvider.System.GetUtcNow().AddYears(-1));

        await host.Services.GetRequiredService<IBus>().Publish(
            new FlowStarted(NewId.NextGuid(), "flow", tenant),
            publish =>
            {
                publish.MessageId = id;
                publish.SetTenantId(tenant);
            },
            Cancellation);

        await Eventually.True(
            async () => (await host.Client.GetFromJsonAsync<JsonElement>($"/analytics/usage?tenant={tenant}", Cancellation))
                .GetProperty("usage").GetArrayLength() == 1,
            TimeSpan.FromMinutes(1), "the message to be counted among those of the last 30 days", Cancellation);
    }

    [Fact]
    public async Task A_bus_that_is_stopped_and_started_again_and_again_does_all_its_work()
    {
        var bus = host.Services.GetRequiredService<IBusControl>();
        var schedules = host.Services.GetRequiredService<ISchedules>();

        for (var round = 0; round < 2; round++)
        {
            // MassTransit 8.5 does not start an endpoint again that is stopped while it begins.
            await host.Ready(Patience);
            await bus.StopAsync(Cancellation);
            using (var stopped = await host.Client.GetAsync("/health/ready", Cancellation))
                Assert.Equal(HttpStatusCode.ServiceUnavailable, stopped.StatusCode);

            // The outbox keeps it, and tries to send it meanwhile.
            var customer = new { name = "Ada", email = "ada@example.com" };
            using var kept = await host.Client.PostAsJsonAsync(
                "/flows", new { specificationId = "order-placed", trigger = new { order = new { number = "A-1", customer } } },
                Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, kept.StatusCode);
            await bus.StartAsync(Cancellation);

            await host.Completed(kept.Headers.Location!);
            using var response = await host.Client.SendAsync(SampleWebhook.Push($"again-{NewId.NextGuid()}"), Cancellation);
            await host.Journey((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("journey").GetString()!);
            var run = (await schedules.Trigger("forget-counted-messages", Cancellation))!;
            await Eventually.True(
                async () => (await schedules.History(run.Schedule, 10, Cancellation))
                    .Any(found => found.Id == run.Id && found.State == RunState.Succeeded),
                Patience, "the run", Cancellation);
        }

        await host.Ready(Patience);
    }

    [Fact]
    public async Task The_host_is_ready_and_lists_the_five_domains_on_its_transport()
    {
        var health = await host.Ready(Patience);
        var domains = await host.Client.GetFromJsonAsync<List<JsonElement>>("/domains", Cancellation);

        var transport = domains![0].GetProperty("transport").GetString()!;
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty(transport).GetProperty("status").GetString());
        Assert.Superset(FiveQueues.ToHashSet(), domains.Select(domain => domain.GetProperty("queue").GetString()!).ToHashSet());
    }

    static UnixFileMode ModeOf(string file)
    {
        try
        {
            return OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(file);
        }
        catch (FileNotFoundException)
        {
            // A database has deleted one of its logs meanwhile.
            return UnixFileMode.None;
        }
    }
}

public sealed class MemoryHost : IDisposable
{
    public BusHost Host { get; } = new(new Dictionary<string, string> { ["Bus:Transport"] = "memory" });

    public void Dispose() => Host.Dispose();
}

public sealed class MemoryJourneyTests(MemoryHost memory) : JourneyTests(memory.Host), IClassFixture<MemoryHost>;

public sealed class SqliteHost : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public SqliteHost() =>
        Host = new BusHost(new Dictionary<string, string> { ["Bus:Transport"] = "sqlite", ["Bus:Sqlite:Path"] = _folder.At("bus.db") });

    public BusHost Host { get; }

    public void Dispose()
    {
        Host.Dispose();
        _folder.Dispose();
    }
}

public sealed class SqliteJourneyTests(SqliteHost sqlite) : JourneyTests(sqlite.Host), IClassFixture<SqliteHost>;

public sealed class RabbitMqHost : IAsyncLifetime
{
    readonly RabbitMqServer _server = new();
    readonly PostgresServer _database = new();

    public BusHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(_server.Start(TestContext.Current.CancellationToken), _database.Start(TestContext.Current.CancellationToken));
        Host = new BusHost(new Dictionary<string, string>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = _server.Url,
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = await _database.CreateDatabase(TestContext.Current.CancellationToken),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }
}

public sealed class RabbitMqJourneyTests(RabbitMqHost rabbit) : JourneyTests(rabbit.Host), IClassFixture<RabbitMqHost>;
