using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MaestroBus.Notifications.Tests;

/// <summary>A notification has the same bounds whichever way it comes.</summary>
public sealed class NotificationLimitsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, int, int, string?> Sizes => new()
    {
        { "recipient", 320, 500, 100_000, null },
        { "recipient", 321, 500, 100_000, "A recipient has 321 characters. Use up to 320, or raise Bus:Notifications:Limits:Recipient." },
        { "subject", 320, 501, 100_000, "The subject has 501 characters. Use up to 500, or raise Bus:Notifications:Limits:Subject." },
        { "text", 320, 500, 100_001, "The text has 100001 characters. Use up to 100000, or raise Bus:Notifications:Limits:Text." },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_message_beyond_the_limits_is_invalid(string field, int recipient, int subject, int text, string? problem)
    {
        Assert.NotEmpty(field);
        await using var domain = await Scenario.Start();
        var notification = Scenario.To("internal", new string('r', recipient), new string('t', text), new string('s', subject));

        if (problem is null)
        {
            await domain.Sent(notification);
            return;
        }

        var thrown = await domain.Thrown(notification);

        Assert.Equal((typeof(InvalidMessageException).FullName, problem), (thrown.ExceptionType, thrown.Message));
    }

    [Fact]
    public async Task A_job_with_too_many_recipients_fails_at_once()
    {
        await using var domain = await Scenario.Start(("Limits:Recipients", "2"));

        var id = await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "internal", ["Ada", "Grace", "Edsger"], null, "It is out."), Token);

        var job = await domain.JobEnded(id, Token);
        Assert.Equal((Maestro.Bus.Jobs.JobStage.Faulted, 1), (job.Stage, job.Attempt));
        Assert.Equal("There are 3 recipients. Name up to 2, or raise Bus:Notifications:Limits:Recipients.", job.Reason);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_request_beyond_the_limits_is_refused_with_the_field(
        string field, int recipient, int subject, int text, string? problem)
    {
        await using var server = await BusServer.Start(typeof(NotificationLimitsTests).Assembly, [], Token);

        using var answer = await server.Client.PostAsJsonAsync(
            "/notifications/bulk",
            new
            {
                tenant = "acme",
                channel = "internal",
                recipients = new[] { new string('r', recipient) },
                subject = new string('s', subject),
                text = new string('t', text),
            },
            Token);

        if (problem is null)
        {
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return;
        }

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors");
        Assert.Equal(problem, errors.GetProperty(field == "recipient" ? "recipients" : field)[0].GetString());
    }

    [Fact]
    public async Task A_request_with_too_many_recipients_is_refused()
    {
        await using var server = await BusServer.Start(
            typeof(NotificationLimitsTests).Assembly, [new("Bus:Notifications:Limits:Recipients", "2")], Token);

        using var answer = await server.Client.PostAsJsonAsync(
            "/notifications/bulk", new { tenant = "acme", channel = "internal", recipients = new[] { "a", "b", "c" }, text = "It is out." },
            Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("There are 3 recipients.", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
