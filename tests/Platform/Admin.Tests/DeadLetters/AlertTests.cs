using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Admin.Tests;

public sealed class AlertTests(SqlitePlace place) : IClassFixture<SqlitePlace>
{
    const string Secret = "a-secret-for-alerts-1";

    // A host that has claimed an alert and could not send it keeps it for 30 s.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly ConcurrentQueue<(string Body, string Timestamp, string Signature)> _posts = [];
    volatile string? _retryAfter;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_alike_raise_one_signed_alert_and_one_mail_whichever_of_two_hosts_sends_them()
    {
        await using var receiver = await Receive();
        await using var mails = await SmtpServer.Start(Cancellation);
        var settings = await place.Settings();
        settings["Bus:Alerts:Interval"] = "1s";
        settings["Bus:Alerts:Webhook:Url"] = $"{receiver.Urls.First()}/alerts";
        settings["Bus:Alerts:Webhook:Secret"] = Secret;
        settings["Bus:Alerts:Email:Host"] = "127.0.0.1";
        settings["Bus:Alerts:Email:Port"] = $"{mails.Port}";
        settings["Bus:Alerts:Email:From"] = "bus@example.com";
        settings["Bus:Alerts:Email:To"] = "ops@example.com, night@example.com";

        await using var first = await PoisonServer.Start(settings);
        await using var second = await PoisonServer.Start(settings);
        await first.Send(Enumerable.Range(0, 1000).Select(number => new Poison("timeout", number)));
        await first.UntilWaiting(1000);
        await Eventually.True(() => Task.FromResult(!_posts.IsEmpty && mails.Mails().Count > 0), Limit, "an alert", Cancellation);

        // Another kind is another alert; by then one more of the first kind would have come.
        await first.Send([new Poison("wrapped", 1)]);
        await Eventually.True(() => Task.FromResult(_posts.Count >= 2 && mails.Mails().Count >= 2), Limit, "another alert", Cancellation);

        var alerts = _posts.Select(post => JsonElement.Parse(post.Body)).ToList();
        Assert.Equal(2, alerts.Count);
        Assert.EndsWith("in poison: TimeoutException", alerts[0].GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal("One dead letter in poison: FormatException", alerts[1].GetProperty("title").GetString());
        Assert.All(_posts, post => Assert.Equal(
            $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(
                Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{post.Timestamp}.{post.Body}")))}", post.Signature));
        Assert.Equal(2, mails.Mails().Count);
        Assert.Contains("TimeoutException", mails.Mails()[0].Subject, StringComparison.Ordinal);
        Assert.Contains("maestro dlq show", mails.Mails()[0].TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_whom_the_mail_server_does_not_take_keeps_no_alert_from_the_others()
    {
        await using var mails = await SmtpServer.Start(Cancellation);
        var settings = await place.Settings();
        settings["Bus:Alerts:Interval"] = "1s";
        settings["Bus:Alerts:Email:Host"] = "127.0.0.1";
        settings["Bus:Alerts:Email:Port"] = $"{mails.Port}";
        settings["Bus:Alerts:Email:From"] = "bus@example.com";
        settings["Bus:Alerts:Email:To"] = "busy@example.com, ops@example.com, refused@example.com, night@example.com";

        await using var server = await PoisonServer.Start(settings);
        await server.Send([new Poison("timeout", 1)]);

        await Eventually.True(() => Task.FromResult(mails.Mails().Count >= 2), Limit, "two mails", Cancellation);
        Assert.Equal(
            ["night@example.com", "ops@example.com"], mails.Mails().Take(2).Select(mail => mail.Headers["X-RcptTo"]).Order());
    }

    [Fact]
    public async Task A_health_check_that_asks_for_it_raises_one_alert_however_long_it_stays_so()
    {
        await using var receiver = await Receive();
        var looks = 0;
        var builder = Alerting(receiver);
        builder.Services.AddHealthChecks()
            .AddCheck("odd", () => Interlocked.Increment(ref looks) > 0 ? HealthCheckResult.Degraded("It is odd.") : default,
                tags: [HealthTags.Alerted])
            .AddCheck("silent", () => HealthCheckResult.Degraded("Nobody asks."));
        await using var host = builder.Build();
        await host.StartAsync(Cancellation);

        await Eventually.True(() => Task.FromResult(!_posts.IsEmpty && Volatile.Read(ref looks) > 5), Limit, "an alert and further looks",
            Cancellation);

        var alert = JsonElement.Parse(Assert.Single(_posts).Body);
        Assert.EndsWith(": odd is degraded", alert.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal("It is odd.", alert.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_clock_that_was_ahead_and_is_put_right_keeps_no_alert_back()
    {
        await using var receiver = await Receive();
        _retryAfter = "60";
        var clock = new Stopwatches();
        var builder = Alerting(receiver);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddHealthChecks()
            .AddCheck("odd", () => HealthCheckResult.Degraded("It is odd."), tags: [HealthTags.Alerted]);
        await using var host = builder.Build();
        clock.Now += TimeSpan.FromDays(40);
        await host.StartAsync(Cancellation);
        await Posts(1, TimeSpan.Zero);

        // It is refused, and asks for a minute; then it is taken, and nobody is told again for an hour.
        _retryAfter = null;
        clock.Now -= TimeSpan.FromDays(20);
        await Posts(2, TimeSpan.FromSeconds(10));
        clock.Now -= TimeSpan.FromDays(20);
        await Posts(3, TimeSpan.FromMinutes(10));
        Assert.All(_posts, post => Assert.Contains("odd is degraded", post.Body, StringComparison.Ordinal));

        Task Posts(int count, TimeSpan step) => Eventually.True(
            () =>
            {
                clock.Advance(step);
                return Task.FromResult(_posts.Count >= count);
            },
            Limit, $"post {count}", Cancellation);
    }

    /// <summary>A host with nothing but alerts, which it sends to a receiver.</summary>
    static WebApplicationBuilder Alerting(WebApplication receiver)
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            new("Bus:Transport", "memory"), new("Bus:Alerts:Interval", "100ms"), new("Bus:Alerts:Webhook:Url",
                $"{receiver.Urls.First()}/alerts"),
            new("Bus:Alerts:Webhook:Secret", Secret),
        ]);
        builder.Services.AddBus(builder.Configuration, [], [], new AlertingModule());
        return builder;
    }

    async Task<WebApplication> Receive()
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = builder.Build();
        receiver.MapPost("/alerts", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            _posts.Enqueue(
                (await reader.ReadToEndAsync(Cancellation), $"{request.Headers["X-Timestamp"]}", $"{request.Headers["X-Signature"]}"));
            if (_retryAfter is not { } retryAfter)
                return Results.Ok();

            request.HttpContext.Response.Headers.RetryAfter = retryAfter;
            return Results.StatusCode(StatusCodes.Status429TooManyRequests);
        });
        await receiver.StartAsync(Cancellation);
        return receiver;
    }
}
