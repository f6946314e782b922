using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MaestroBus.Analytics.Tests;

public sealed class UsageEndpointTests : IAsyncLifetime
{
    readonly MovableClock _clock = new(new DateTimeOffset(2020, 1, 31, 10, 30, 0, TimeSpan.Zero));
    BusServer _server = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await BusServer.Start(
        typeof(UsageEndpointTests).Assembly, [], Token, services => services.AddSingleton<TimeProvider>(_clock));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Usage_is_reported_in_whole_hours()
    {
        await Use("2020-01-31T10:30:00Z", 1);
        await Use("2020-01-31T11:05:00Z", 2);
        await Use("2020-01-31T12:00:00Z", 3);

        var report = await Get("/analytics/usage?tenant=acme&from=2020-01-31T10:59:00Z&to=2020-01-31T11:01:00Z");

        Assert.Equal(
            """{"tenant":"acme","from":"2020-01-31T10:00:00+00:00","to":"2020-01-31T12:00:00+00:00","usage":["""
                + """{"messageType":"FlowStarted","count":2,"lastAt":"2020-01-31T11:05:00+00:00"}]}""",
            report.GetRawText());
    }

    [Fact]
    public async Task Without_a_time_the_last_30_days_are_reported()
    {
        await Use("2020-01-01T11:59:00Z", 1);
        await Use("2020-01-01T12:00:00Z", 2);
        _clock.Now = DateTimeOffset.Parse("2020-01-31T12:30:00Z", System.Globalization.CultureInfo.InvariantCulture);

        var report = await Get("/analytics/usage?tenant=acme");

        Assert.Equal("2020-01-01T12:00:00+00:00", report.GetProperty("from").GetString());
        Assert.Equal("2020-01-31T13:00:00+00:00", report.GetProperty("to").GetString());
        Assert.Equal(1, Total(report));
    }

    [Theory]
    [InlineData("from=2020-01-31&to=2020-02-01", 1)]
    [InlineData("from=2020-01-31T10:00Z&to=2020-01-31T11:00Z", 1)]
    [InlineData("from=2020-01-31T10:00:00&to=2020-01-31T11:00:00", 1)]
    [InlineData("from=2020-01-31T12:00:00%2B02:00&to=2020-01-31T13:00:00%2B02:00", 1)]
    [InlineData("from=2020-01-31T11:00:00.000Z&to=2020-01-31T12:00:00.000Z", 0)]
    [InlineData("from=0001-01-01&to=9999-12-31T23:59:59Z", 1)]
    [InlineData("to=0001-01-02", 0)]
    public async Task Times_are_read_as_people_write_them(string period, int expected)
    {
        await Use("2020-01-31T10:30:00Z", 1);

        Assert.Equal(expected, Total(await Get($"/analytics/usage?tenant=acme&{period}")));
    }

    [Fact]
    public async Task An_unknown_tenant_has_used_nothing()
    {
        Assert.Equal(0, (await Get("/analytics/usage?tenant=nobody")).GetProperty("usage").GetArrayLength());
    }

    [Theory]
    [InlineData("", "The tenant is ''. Name one")]
    [InlineData("?tenant=no%20tenant", "The tenant is 'no tenant'. Name one")]
    [InlineData("?tenant=acme&from=yesterday", "'from' is 'yesterday'. Use a time such as 2026-11-22T10:00:00Z")]
    [InlineData("?tenant=acme&to=01/02/2026", "'to' is '01/02/2026'. Use a time such as 2026-11-22T10:00:00Z")]
    [InlineData("?tenant=acme&from=2026-11-22&to=2026-11-22",
        "The time is from 2026-11-22T00:00:00.0000000+00:00 to 2026-11-22T00:00:00.0000000+00:00. Give a beginning")]
    public async Task A_wrong_request_says_what_to_do(string query, string detail)
    {
        using var response = await _server.Client.GetAsync($"/analytics/usage{query}", Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith(detail, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("detail").GetString());
    }

    async Task Use(string time, int total)
    {
        _clock.Now = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
        await _server.Bus.Publish(new FlowStarted(NewId.NextGuid(), "flow", "acme"), publish => publish.SetTenantId("acme"), Token);
        await Eventually.True(
            async () => Total(await Get("/analytics/usage?tenant=acme&from=2019-01-01&to=2021-01-01")) >= total, TimeSpan.FromSeconds(60),
            "the count", Token);
    }

    Task<JsonElement> Get(string path) => _server.Client.GetFromJsonAsync<JsonElement>(path, Token);

    static long Total(JsonElement report) => report.GetProperty("usage").EnumerateArray().Sum(type => type.GetProperty("count").GetInt64());
}
