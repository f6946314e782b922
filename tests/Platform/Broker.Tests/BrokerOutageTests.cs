using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Broker.Tests;

/// <summary>A broker that is away, refuses the login, or takes no messages.</summary>
public sealed class BrokerOutageTests(BrokerOutageTests.OwnServer own) : IClassFixture<BrokerOutageTests.OwnServer>
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consumers_are_back_when_a_login_that_failed_while_the_host_ran_works_again()
    {
        var url = await own.Server.CreateVirtualHost(Cancel);
        var virtualHost = url[(url.LastIndexOf('/') + 1)..];
        await Password("first");
        await own.Server.Put($"permissions/{virtualHost}/rotated", new { configure = ".*", write = ".*", read = ".*" }, Cancel);
        await using var host = await TickHost.Start(url.Replace("guest:guest", "rotated:first", StringComparison.Ordinal));

        await Password("other");
        await CloseConnections("rotated");
        await Eventually.True(
            () => Warned(host, "ACCESS_REFUSED"), Limit, "a line about the login", Cancel);
        await Eventually.True(async () => await Ready(host) != HealthStatus.Healthy, Limit, "a host that is not ready", Cancel);
        await Password("first");

        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready", Cancel);
        await host.Publish("after");
        await Eventually.True(() => Task.FromResult(host.Log.Of("after").Any()), Limit, "a tick", Cancel);

        Task Password(string password) => own.Server.Put("users/rotated", new { password, tags = "" }, Cancel);
    }

    [Fact]
    public async Task A_login_that_is_refused_at_the_first_start_ends_it_with_a_sentence()
    {
        await using var host = TickHost.Create(own.Server.Url.Replace("guest:guest", "guest:secret", StringComparison.Ordinal));

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(host.Probe);

        Assert.StartsWith("The bus cannot start: RabbitMQ at 127.0.0.1:", exception.Message, StringComparison.Ordinal);
        Assert.Contains(" refuses the user 'guest' and the virtual host '/' (ACCESS_REFUSED", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vhost-limits/{0}/max-connections", "connection limit (0) is reached")]
    [InlineData("user-limits/counted/max-connections", "user connection limit (0) is reached")]
    [InlineData("user-limits/counted/max-channels", "has reached the maximum allowed user limit of (0)")]
    public async Task A_limit_of_connections_that_is_reached_at_the_start_is_waited_for(string limit, string reason)
    {
        var url = await own.Server.CreateVirtualHost(Cancel);
        var virtualHost = url[(url.LastIndexOf('/') + 1)..];
        await own.Server.Put("users/counted", new { password = "counted", tags = "" }, Cancel);
        await own.Server.Put($"permissions/{virtualHost}/counted", new { configure = ".*", write = ".*", read = ".*" }, Cancel);
        await Allow(0);
        await using var host = TickHost.Create(url.Replace("guest:guest", "counted:counted", StringComparison.Ordinal));

        await host.Probe();
        var starting = host.Start();
        await Eventually.True(() => Warned(host, reason), Limit, "a line about the limit", Cancel);
        await Allow(-1);

        await starting;

        Task Allow(int connections) =>
            own.Server.Put(limit.Replace("{0}", virtualHost, StringComparison.Ordinal), new { value = connections }, Cancel);
    }

    [Fact]
    public async Task A_broker_that_is_away_at_the_start_is_waited_for_with_one_line_when_that_begins_and_one_when_it_ends()
    {
        await using var server = new RabbitMqServer();
        await using var host = TickHost.Create(server.Url);

        await host.Probe();
        var starting = host.Start();
        await Eventually.True(
            () => Warned(host, "cannot be reached"), Limit, "a line about the broker", Cancel);
        await server.Start(Cancel);
        await starting;

        // A broker that takes minutes to start on a busy machine has a line a minute, too.
        await Eventually.True(
            () => Task.FromResult(Lines().LastOrDefault()?.Contains(" is back after ", StringComparison.Ordinal) == true), Limit,
            "the line of the outage's end", Cancel);
        var lines = Lines();
        Assert.Contains($"RabbitMQ at 127.0.0.1:{server.Port} cannot be reached: ", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..^1], line => Assert.Contains(" has not been reached for ", line, StringComparison.Ordinal));
        Assert.Contains($"RabbitMQ at 127.0.0.1:{server.Port} is back after ", lines[^1], StringComparison.Ordinal);

        List<string> Lines() =>
            [.. host.Lines.From(LogLevel.Information).Where(line => line.Contains("RabbitMQ at ", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task An_idle_host_is_not_ready_while_an_alarm_is_on_and_says_which_with_one_line_a_minute()
    {
        var clock = new ManualTimers(TimeProvider.System.GetUtcNow());
        await using var host = TickHost.Create(await own.Server.CreateVirtualHost(Cancel), clock);
        await host.Start();
        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready", Cancel);

        await own.Server.Control(["set_vm_memory_high_watermark", "absolute", "20MB"], Cancel);
        try
        {
            await Eventually.True(async () => await Ready(host) == HealthStatus.Unhealthy, Limit, "a host that is not ready", Cancel);
            await Eventually.True(
                () => Warned(host, "an alarm is on (low on memory)"), Limit, "a line about the alarm", Cancel);
            clock.Advance(TimeSpan.FromSeconds(125));
        }
        finally
        {
            await own.Server.Control(["set_vm_memory_high_watermark", "0.4"], CancellationToken.None);
        }

        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready again", Cancel);
        await Eventually.True(() => Task.FromResult(Alarms().Count == 4), Limit, "the line that the alarm is over", Cancel);
        Assert.Equal(
            [
                "RabbitMQ takes no messages from this host: an alarm is on (low on memory). What is to be sent waits until it is over",
                "RabbitMQ has taken no messages from this host for 00:01:00: an alarm is on (low on memory)",
                "RabbitMQ has taken no messages from this host for 00:02:00: an alarm is on (low on memory)",
                "RabbitMQ takes messages again after 00:02:05: the alarm is over",
            ],
            Alarms());

        List<string> Alarms() =>
            [.. host.Lines.From(LogLevel.Information).Where(line => line.Contains("alarm is o", StringComparison.Ordinal)
                && !line.Contains("rabbitmq-work", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_host_whose_queue_has_lost_its_consumer_is_not_ready_until_it_has_one_again()
    {
        var url = await own.Server.CreateVirtualHost(Cancel);
        var virtualHost = url[(url.LastIndexOf('/') + 1)..];
        await own.Server.Put("users/limited", new { password = "limited", tags = "" }, Cancel);
        await Permit(".*");
        await using var host = await TickHost.Start(url.Replace("guest:guest", "limited:limited", StringComparison.Ordinal));
        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready", Cancel);

        // It cannot be declared again by a user that may not.
        await Permit("^$");
        await own.Server.Delete($"queues/{virtualHost}/ticks", Cancel);
        await Eventually.True(async () => (await Report(host)).Any(entry => entry.Status == HealthStatus.Unhealthy
            || entry.Description?.Contains("ticks", StringComparison.Ordinal) == true),
            Limit, "a host that is not ready", Cancel);
        await Permit(".*");

        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready again", Cancel);
        await host.Publish("after");
        await Eventually.True(() => Task.FromResult(host.Log.Of("after").Any()), Limit, "a tick", Cancel);

        Task Permit(string configure) =>
            own.Server.Put($"permissions/{virtualHost}/limited", new { configure, write = ".*", read = ".*" }, Cancel);
    }

    [Fact]
    public async Task A_queue_that_is_declared_otherwise_while_the_host_runs_is_received_from_again_when_that_is_put_right()
    {
        var url = await own.Server.CreateVirtualHost(Cancel);
        await using var host = await TickHost.Start(url);
        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready", Cancel);

        await DeclareOtherwise(url, "ticks");
        await Eventually.True(() => Warned(host, "Nothing is received from the queue 'ticks'"), Limit, "a line about the queue", Cancel);
        await Eventually.True(async () => await Ready(host) != HealthStatus.Healthy, Limit, "a host that is not ready", Cancel);
        await own.Server.Delete($"queues/{url[(url.LastIndexOf('/') + 1)..]}/ticks", Cancel);

        await Eventually.True(async () => await Ready(host) == HealthStatus.Healthy, Limit, "a host that is ready again", Cancel);
        await host.Publish("after");
        await Eventually.True(() => Task.FromResult(host.Log.Of("after").Any()), Limit, "a tick", Cancel);
        var lines = host.Lines.From(LogLevel.Information).Where(line => line.Contains("queue 'ticks'", StringComparison.Ordinal)
            && line.Contains("received from", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains("PRECONDITION_FAILED", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("The queue 'ticks' is received from again after ", lines[1], StringComparison.Ordinal);
    }

    static async Task<IEnumerable<HealthReportEntry>> Report(TickHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"),
            Cancel)).Entries.Values;

    static async Task<HealthStatus> Ready(TickHost host)
    {
        var health = host.Services.GetRequiredService<HealthCheckService>();
        return (await health.CheckHealthAsync(check => check.Tags.Contains("ready"), Cancel)).Status;
    }

    static Task<bool> Warned(TickHost host, string what) =>
        Task.FromResult(host.Lines.From(LogLevel.Warning).Any(line => line.Contains(what, StringComparison.Ordinal)));

    /// <summary>Replaces a queue of the bus's by a classic one. The host may be the first to declare it again, so it is tried until it
    /// is not.</summary>
    static async Task DeclareOtherwise(string url, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync(Cancel);

        await Eventually.True(
            async () =>
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);

                try
                {
                    await channel.QueueDeleteAsync(queue, cancellationToken: Cancel);
                    await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
                    return true;
                }
                catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: 406 })
                {
                    return false;
                }
            },
            Limit, "another queue of this name", Cancel);
    }

    async Task CloseConnections(string user)
    {
        // The management API lists a connection a few seconds after it is there.
        var closed = await Eventually.Some<List<string>>(
            async () =>
            {
                var connections = (await own.Server.Read("connections", Cancel)).EnumerateArray()
                    .Where(connection => connection.TryGetProperty("user", out var name) && name.GetString() == user)
                    .Select(connection => connection.GetProperty("name").GetString()!).ToList();
                return connections.Count > 0 ? connections : null;
            },
            Limit, "the connection in the listing", Cancel);

        foreach (var name in closed)
            await own.Server.Delete($"connections/{Uri.EscapeDataString(name)}", Cancel);
    }

    /// <summary>A RabbitMQ whose alarms concern nobody else.</summary>
    public sealed class OwnServer : IAsyncLifetime
    {
        public RabbitMqServer Server { get; } = new();

        public async ValueTask InitializeAsync() => await Server.Start(TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
