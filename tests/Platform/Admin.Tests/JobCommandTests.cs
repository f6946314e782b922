namespace Maestro.Bus.Admin.Tests;

public sealed class JobCommandTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_submitted_and_followed_and_its_log_shown()
    {
        await using var server = await JobServer.Start();

        var followed = (await server.Jobs("submit", "Chore", """{"steps":3}""", "--follow")).Succeeded();
        var id = Id(followed);

        Assert.Contains("completed 3/3 (100 %)", followed, StringComparison.Ordinal);
        Assert.Contains("doing step 3", (await server.Jobs("logs", id)).Succeeded(), StringComparison.Ordinal);
        Assert.Contains(id, (await server.Jobs("list", "--state", "completed")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("\"steps\":3", (await server.Jobs("show", id)).Succeeded().Replace(" ", ""), StringComparison.Ordinal);
        Assert.Contains("Chore", (await server.Jobs("kinds")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("completed", (await server.Jobs("summary")).Succeeded(), StringComparison.Ordinal);
        (await server.Jobs("delete", id)).Succeeded();
        Assert.Equal(1, (await server.Jobs("show", id)).ExitCode);
    }

    [Fact]
    public async Task A_failed_job_says_why_and_is_retried()
    {
        await using var server = await JobServer.Start();

        var failed = await server.Jobs("submit", "Chore", """{"steps":3,"failsAt":2}""", "--follow");
        var id = Id(failed.Out);
        (await server.Jobs("retry", id)).Succeeded();
        var again = await server.Jobs("show", id, "--follow");

        Assert.Equal((1, 1), (failed.ExitCode, again.ExitCode));
        Assert.Contains("step 2 has failed", failed.Error, StringComparison.Ordinal);
        Assert.Contains("doing step 2", (await server.Jobs("logs", id, "--json")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_job_is_cancelled()
    {
        await using var server = await JobServer.Start();
        var id = Id((await server.Jobs("submit", "Chore", """{"steps":3,"waitsAt":2}""")).Succeeded());
        await Eventually.True(async () => (await server.Jobs("show", id)).Out.Contains("2/3", StringComparison.Ordinal), Limit,
            "the second step", Cancellation);

        (await server.Jobs("cancel", id, "--reason", "enough")).Succeeded();

        await Eventually.True(
            async () => (await server.Jobs("list", "--state", "canceled")).Out.Contains("enough", StringComparison.Ordinal), Limit,
            "the end", Cancellation);
        Assert.Equal(1, (await server.Jobs("logs", id, "--follow")).ExitCode);
    }

    [Fact]
    public async Task A_batch_is_submitted_and_followed()
    {
        await using var server = await JobServer.Start();

        var output = (await server.Jobs("batch", "submit", "Chore", """[{"steps":1},{"steps":2},{"steps":2,"failsAt":1}]""", "--name",
            "three", "--follow")).Succeeded();

        Assert.Contains("three: 3 of 3 have ended, 2 completed, 1 failed, 0 cancelled", output, StringComparison.Ordinal);
        Assert.Contains("three", (await server.Jobs("batch", "list")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delayed_job_is_run_now_and_concurrency_is_changed()
    {
        await using var server = await JobServer.Start();
        var id = Id(
            (await server.Jobs("submit", "Chore", """{"steps":1}""", "--delay", "1h", "--priority", "9", "--tenant", "acme")).Succeeded());
        Assert.Contains("scheduled", (await server.Jobs("list", "--tenant", "acme")).Succeeded(), StringComparison.Ordinal);

        (await server.Jobs("run", id)).Succeeded();
        (await server.Jobs("show", id, "--follow")).Succeeded();
        (await server.Jobs("concurrency", "Chore", "--per-process", "2")).Succeeded();

        Assert.Equal(1, (await server.Jobs("run", id)).ExitCode);
    }

    [Theory]
    [InlineData(2, "'Chroe' is no kind of job", "submit", "Chroe", "{}")]
    [InlineData(2, "The job is no Chore", "submit", "Chore", "{\"steps\":\"many\"}")]
    [InlineData(2, "The delay is 'soon'", "submit", "Chore", "{\"steps\":1}", "--delay", "soon")]
    [InlineData(2, "The priority is 10. Use", "submit", "Chore", "{\"steps\":1}", "--priority", "10")]
    [InlineData(2, "The state is 'lost'. Use one of scheduled, ready, running,", "list", "--state", "lost")]
    [InlineData(2, "The state is '2'", "list", "--state", "2")]
    [InlineData(2, "There are no jobs of the kind 'Chroe'. Use one of Chore.", "list", "--type", "Chroe")]
    [InlineData(2, "There are no jobs of the queue 'chroes'. Use one of chores.", "list", "--queue", "chroes")]
    [InlineData(2, "The tenant is 'a/b'", "list", "--tenant", "a/b")]
    [InlineData(2, "The limit is 100000. Use a whole number from 1 to 1000.", "list", "--limit", "100000")]
    [InlineData(1, "There is no batch", "list", "--batch", "6f5b0000-0000-0000-0000-000000000001")]
    [InlineData(1, "There is no job", "list", "--parent", "6f5b0000-0000-0000-0000-000000000001")]
    [InlineData(1, "There is no job", "cancel", "6f5b0000-0000-0000-0000-000000000001")]
    [InlineData(1, "There is no batch", "batch", "cancel", "6f5b0000-0000-0000-0000-000000000001")]
    [InlineData(2, "The concurrency is -5", "concurrency", "Chore", "--per-process", "-5")]
    [InlineData(1, "There is no such job", "retry", "6f5b0000-0000-0000-0000-000000000001")]
    [InlineData(2, "is no kind of job", "concurrency", "Chroe", "--per-process", "2")]
    [InlineData(2, "The job is no JSON", "submit", "Chore", "{steps")]
    [InlineData(2, "no JSON array", "batch", "submit", "Chore", "{}")]
    [InlineData(2, "cannot be read", "submit", "Chore", "@nowhere.json")]
    [InlineData(2, "", "show", "not-an-id")]
    public async Task What_is_wrong_is_said(int exitCode, string sentence, params string[] arguments)
    {
        await using var server = await JobServer.Start();

        var run = await server.Jobs(arguments);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/admin/jobs", "{}", "The field 'type' is missing. Name a kind of job: Chore.")]
    [InlineData("/admin/jobs", """{"type":"Chore"}""", "The field 'job' is missing.")]
    [InlineData("/admin/jobs/batches", """{"type":"Chore"}""", "The field 'jobs' is missing.")]
    public async Task A_request_that_lacks_something_is_told_what(string path, string request, string sentence)
    {
        await using var server = await JobServer.Start();

        using var answer = await server.Post(path, request);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/admin/jobs?limit=100000", "The limit is 100000.")]
    [InlineData("/admin/jobs?limit=many", "The parameter 'limit' is 'many'. Use a whole number.")]
    [InlineData("/admin/jobs?tpye=Chore", "There is no parameter 'tpye'. Use type, queue, tenant, state, batch, parent, page, limit.")]
    [InlineData("/admin/jobs?batch=seven", "The parameter 'batch' is 'seven'. Use an id such as")]
    [InlineData("/admin/jobs/batches?limit=1001", "The limit is 1001.")]
    [InlineData("/admin/caller?x=1", "There is no parameter 'x'. Leave it out.")]
    public async Task A_query_that_is_wrong_is_told_why(string path, string sentence)
    {
        await using var server = await JobServer.Start();

        using var answer = await server.Get(path);

        Assert.Equal((System.Net.HttpStatusCode.BadRequest, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.StartsWith(sentence, $"{problem.GetProperty("title")} {problem.GetProperty("detail")}"
            .Replace("The request is wrong. ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_the_host_lacks_is_said_to_be_lacking()
    {
        await using var jobs = await JobServer.Start();
        await using var schedules = await ScheduleServer.Start([new("Bus:Transport", "memory")], Cancellation);
        using var client = new HttpClient { BaseAddress = schedules.Address };

        using var noSchedules = await jobs.Get("/admin/schedules");
        using var noJobs = await client.GetAsync("/admin/jobs", Cancellation);

        Assert.Equal([System.Net.HttpStatusCode.NotImplemented, System.Net.HttpStatusCode.NotImplemented],
            [noSchedules.StatusCode, noJobs.StatusCode]);
    }

    [Fact]
    public async Task A_job_is_its_own_tenants_wherever_it_is_submitted()
    {
        await using var server = await JobServer.Start();

        var own = Id((await server.Jobs("submit", "Chore", """{"steps":1,"tenantId":"acme"}""")).Succeeded());
        var said = Id((await server.Jobs("submit", "Chore", """{"steps":1}""", "--tenant", "globex")).Succeeded());
        (await server.Jobs("batch", "submit", "Chore", """[{"steps":1,"tenantId":"initech"}]""", "--follow")).Succeeded();
        var torn = await server.Jobs("submit", "Chore", """{"steps":1,"tenantId":"acme"}""", "--tenant", "globex");

        Assert.Contains(own, (await server.Jobs("list", "--tenant", "acme")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains(said, (await server.Jobs("list", "--tenant", "globex")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("Chore", (await server.Jobs("list", "--tenant", "initech")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(2, torn.ExitCode);
        Assert.Contains("is submitted for the tenant 'globex', and its own TenantId is 'acme'", torn.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_being_cancelled_is_listed_as_such()
    {
        await using var server = await JobServer.Start();
        var id = Id((await server.Jobs("submit", "Chore", """{"steps":3,"waitsAt":2,"isStubborn":true}""")).Succeeded());
        await Eventually.True(async () => (await server.Jobs("show", id)).Out.Contains("2/3", StringComparison.Ordinal), Limit,
            "the second step", Cancellation);

        (await server.Jobs("cancel", id)).Succeeded();

        Assert.Contains(id, (await server.Jobs("list", "--state", "canceling")).Succeeded(), StringComparison.Ordinal);
        Assert.DoesNotContain(id, (await server.Jobs("list", "--state", "running")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("canceling", (await server.Jobs("summary")).Succeeded(), StringComparison.Ordinal);
        ChoreConsumer.Release();
    }

    [Fact]
    public async Task Who_follows_a_job_waits_for_a_host_that_is_started_again_and_is_told_when_none_is()
    {
        await using var server = await JobServer.Start();
        var id = Id((await server.Jobs("submit", "Chore", """{"steps":3,"waitsAt":2}""")).Succeeded());
        await Eventually.True(async () => (await server.Jobs("show", id)).Out.Contains("2/3", StringComparison.Ordinal), Limit,
            "the second step", Cancellation);
        var following = server.Jobs("logs", id, "--follow");
        await server.UntilFollowed(id);

        await server.Restart();
        (await server.Jobs("cancel", id, "--reason", "enough")).Succeeded();
        var followed = await following;

        Assert.Equal(1, followed.ExitCode);
        Assert.Contains("doing step 2", followed.Out, StringComparison.Ordinal);
        Assert.Contains($"The job {id} is canceled. enough", followed.Error, StringComparison.Ordinal);

        var last = Id((await server.Jobs("submit", "Chore", """{"steps":3,"waitsAt":1}""")).Succeeded());
        var forsaken = CommandRun.Impatient(server.Address, "jobs", "logs", last, "--follow");
        await Eventually.True(async () => (await server.Jobs("show", last)).Out.Contains("1/3", StringComparison.Ordinal), Limit,
            "the first step", Cancellation);
        await server.UntilFollowed(last);
        await server.End();

        Assert.Equal(3, (await forsaken).ExitCode);
        Assert.Contains($"The job {last} goes on where a host runs", (await forsaken).Error, StringComparison.Ordinal);
    }

    static string Id(string output) => output.Split("Submitted ")[1].Split('.')[0];
}
