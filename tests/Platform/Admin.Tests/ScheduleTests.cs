using System.Text.Json;

namespace Maestro.Bus.Admin.Tests;

/// <summary>The schedules over HTTP and on the command line.</summary>
public sealed class ScheduleTests
{
    static readonly Dictionary<string, string?> Settings = new()
    {
        ["Bus:Transport"] = "memory",
        ["Bus:Schedules:yearly:Cron"] = "0 2 1 1 *",
        ["Bus:Schedules:yearly:TimeZone"] = "Europe/Berlin",
        ["Bus:Schedules:yearly:Message"] = typeof(Greeting).FullName,
        ["Bus:Schedules:yearly:Payload"] = """{ "text": "Happy new year" }""",
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schedule_of_the_configuration_is_listed_shown_paused_resumed_triggered_and_deleted()
    {
        await using var server = await ScheduleServer.Start(Settings, Cancellation);

        Assert.Contains("yearly", await Run("list"), StringComparison.Ordinal);
        Assert.Contains("0 2 1 1 *", await Run("show", "yearly"), StringComparison.Ordinal);
        Assert.Equal(3, (await Run("next", "yearly", "-n", "3")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Count(line => line.Contains("01-01 02:00:00 +01:00", StringComparison.Ordinal)));
        Assert.Equal("yearly is paused.", (await Run("pause", "yearly")).Trim());
        Assert.Contains("paused", await Run("list"), StringComparison.Ordinal);
        Assert.Equal("yearly runs again.", (await Run("resume", "yearly")).Trim());

        Assert.StartsWith("yearly runs: ", await Run("trigger", "yearly"), StringComparison.Ordinal);
        await Eventually.True(async () => (await Run("history", "yearly")).Contains("succeeded", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60), "the run to succeed", Cancellation);
        Assert.Equal(["Happy new year"], GreetingConsumer.Texts);

        using var history = JsonDocument.Parse(await Run("history", "yearly", "--json"));
        Assert.True(history.RootElement[0].GetProperty("isManual").GetBoolean());
        Assert.Equal("yearly is deleted.", (await Run("delete", "yearly")).Trim());
        Assert.DoesNotContain("yearly", await Run("list"), StringComparison.Ordinal);

        async Task<string> Run(params string[] arguments) => (await CommandRun.Of(server.Address, ["schedules", .. arguments])).Succeeded();
    }

    [Fact]
    public async Task Schedules_are_listed_in_pages()
    {
        var many = Enumerable.Range(0, 5).SelectMany(number => new KeyValuePair<string, string?>[]
        {
            new($"Bus:Schedules:s{number}:Cron", "0 2 1 1 *"), new($"Bus:Schedules:s{number}:Message", typeof(Greeting).FullName),
            new($"Bus:Schedules:s{number}:Payload", """{ "text": "Hello" }"""),
        });
        await using var server = await ScheduleServer.Start([.. many, new("Bus:Transport", "memory")], Cancellation);
        using var client = new HttpClient { BaseAddress = server.Address };

        Assert.Equal("s0 s1 s1", await Page("?limit=2"));
        Assert.Equal("s2 s3 s3", await Page("?limit=2&page=s1"));
        Assert.Equal("s4 ", await Page("?limit=2&page=s3"));
        Assert.Equal("s0 s1 s2 s3 s4 ", await Page("?limit=5"));
        Assert.Equal("s0 s1 s2 s3 s4 ", await Page(""));
        Assert.Contains("There are more: add --page s1.", await List("--limit", "2"), StringComparison.Ordinal);
        Assert.DoesNotContain("There are more", await List("--page", "s1"), StringComparison.Ordinal);
        foreach (var limit in new[] { "0", "1001" })
        {
            using var refused = await client.GetAsync($"/admin/schedules?limit={limit}", Cancellation);
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        }

        async Task<string> List(params string[] options) =>
            (await CommandRun.Of(server.Address, ["schedules", "list", .. options])).Succeeded();

        async Task<string> Page(string query)
        {
            using var page = JsonDocument.Parse(await client.GetStringAsync($"/admin/schedules{query}", Cancellation));
            var names = page.RootElement.GetProperty("schedules").EnumerateArray()
                .Select(schedule => schedule.GetProperty("name").GetString());
            return $"{string.Join(' ', names)} {page.RootElement.GetProperty("next").GetString()}";
        }
    }

    [Fact]
    public async Task One_in_a_time_zone_that_is_not_known_here_is_a_problem_that_says_so()
    {
        await using var server = await ScheduleServer.Start(Settings, Cancellation);
        await server.Execute(
            "UPDATE schedule_definition SET definition = replace(definition, 'Europe/Berlin', 'Mars/Olympus')", Cancellation);
        using var client = new HttpClient { BaseAddress = server.Address };

        using var next = await client.GetAsync("/admin/schedules/yearly/next", Cancellation);
        using var resumed = await client.PostAsync("/admin/schedules/yearly/resume", null, Cancellation);

        foreach (var answer in new[] { next, resumed })
        {
            Assert.Equal(System.Net.HttpStatusCode.Conflict, answer.StatusCode);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
            Assert.Contains("no time zone 'Mars/Olympus' on this machine", problem.RootElement.GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData("show", "There is no schedule 'nope'.")]
    [InlineData("pause", "There is no schedule 'nope'.")]
    [InlineData("trigger", "There is no schedule 'nope'.")]
    [InlineData("history", "There is no schedule 'nope'.")]
    public async Task A_schedule_that_is_not_there_is_said_not_to_be(string verb, string error)
    {
        await using var server = await ScheduleServer.Start(Settings, Cancellation);

        var run = await CommandRun.Of(server.Address, "schedules", verb, "nope");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }
}

public sealed record Greeting(string Text);

public sealed class GreetingConsumer : IConsumer<Greeting>
{
    public static List<string> Texts { get; } = [];

    public Task Consume(ConsumeContext<Greeting> context)
    {
        Texts.Add(context.Message.Text);
        return Task.CompletedTask;
    }
}

/// <summary>A whole bus with a domain that handles greetings.</summary>
sealed class ScheduleServer : IAsyncDisposable
{
    readonly Microsoft.AspNetCore.Builder.WebApplication _application;
    readonly TemporaryFolder _folder;

    ScheduleServer(Microsoft.AspNetCore.Builder.WebApplication application, TemporaryFolder folder) =>
        (_application, _folder) = (application, folder);

    public Uri Address => new(_application.Urls.First());

    public static async Task<ScheduleServer> Start(IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var folder = new TemporaryFolder();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
            settings.Append(new("urls", "http://127.0.0.1:0")).Append(new("Bus:Database:Path", folder.At("state.db"))));
        builder.Services.AddTestCaller();
        builder.Services.AddBus(builder.Configuration, [new GreetingDomain()], [], new SchedulingModule(), new AdminModule());
        builder.Services.AddProblemDetails();
        var application = builder.Build();
        application.MapBus();
        await application.StartAsync(cancellationToken);
        return new ScheduleServer(application, folder);
    }

    public async Task Execute(string statement, CancellationToken cancellationToken)
    {
        await using var connection = await _application.Services.GetRequiredService<BusDatabase>().Open(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        Assert.Equal(1, await command.ExecuteNonQueryAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        _folder.Dispose();
    }

    sealed class GreetingDomain : BusDomain;
}
