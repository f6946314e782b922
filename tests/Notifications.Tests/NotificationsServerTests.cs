using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace MaestroBus.Notifications.Tests;

public sealed class NotificationsServerTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Internal_notifications_are_listed_newest_first()
    {
        await using var server = await Start();
        var older = Scenario.To("internal", "operations", "older");
        var newer = Scenario.To("internal", "operations", "newer", null);

        await server.Bus.Publish(older, Token);
        await Listed(server, 1);
        await server.Bus.Publish(newer, Token);
        await Listed(server, 2);

        var list = await server.Client.GetFromJsonAsync<JsonElement>("/notifications?tenant=acme&limit=1", Token);
        Assert.Equal("acme", list.GetProperty("tenant").GetString());
        var notification = Assert.Single(list.GetProperty("notifications").EnumerateArray());
        Assert.Equal(
            ["flowId", "notificationId", "recipient", "sentAt", "stepId", "subject", "text"],
            notification.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(newer.NotificationId, notification.GetProperty("notificationId").GetGuid());
        Assert.Equal("newer", notification.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("/notifications", "The tenant is ''. Name one")]
    [InlineData("/notifications?tenant=no%20tenant", "The tenant is 'no tenant'. Name one")]
    [InlineData("/notifications?tenant=acme&limit=0", "The limit is '0'. Use a whole number from 1 to 1000")]
    [InlineData("/notifications?tenant=acme&limit=1001", "The limit is '1001'. Use a whole number from 1 to 1000")]
    [InlineData("/notifications?tenant=acme&limit=many", "The limit is 'many'. Use a whole number from 1 to 1000")]
    public async Task A_wrong_request_says_what_to_do(string path, string detail)
    {
        await using var server = await Start();

        using var response = await server.Client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith(detail, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_mail_waits_until_its_server_is_back()
    {
        using var broken = new TcpListener(IPAddress.Loopback, Ports.Free());
        broken.Start();
        var port = ((IPEndPoint)broken.LocalEndpoint).Port;
        await using var server = await Start(
            ("Bus:Notifications:Email:Host", "127.0.0.1"),
            ("Bus:Notifications:Email:Port", $"{port}"),
            ("Bus:Notifications:Email:From", "bus@example.org"),
            ("Bus:Queues:notifications:RetryStrategy", "Fixed"),
            ("Bus:Queues:notifications:FirstRetryDelay", "1s"),
            ("Bus:Queues:notifications:Attempts", "100"));

        await server.Bus.Publish(Scenario.To("email", "ada@example.com"), Token);
        using (await broken.AcceptTcpClientAsync(Token).AsTask().WaitAsync(Limit, Token))
            broken.Stop();
        await using var smtp = await SmtpServer.Start(Token, port);
        await Eventually.True(() => Task.FromResult(smtp.Mails().Count == 1), Limit, "the mail", Token);

        Assert.Equal("ada@example.com", smtp.Mails()[0].To.ToString());
    }

    static Task<BusServer> Start(params (string Name, string Value)[] settings) =>
        BusServer.Start(typeof(NotificationsServerTests).Assembly,
            settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)), Token);

    static Task Listed(BusServer server, int count) => Eventually.True(
        async () => (await server.Client.GetFromJsonAsync<JsonElement>("/notifications?tenant=acme", Token)).GetProperty("notifications")
            .GetArrayLength() == count,
        Limit,
        $"{count} notifications",
        Token);
}
