using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Admin.Tests;

/// <summary>A bus with jobs and its administration, on a port of this machine.</summary>
sealed class JobServer : IAsyncDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly ConcurrentQueue<string> _asked = [];
    WebApplication _application = null!;

    public Uri Address => new(_application.Urls.First());

    public static async Task<JobServer> Start()
    {
        var server = new JobServer();
        // A port that nobody else is given while the host is started again.
        await server.Start($"http://127.0.0.1:{Ports.Free()}");
        return server;
    }

    /// <summary>Ends the host, and starts another one with the same address and database.</summary>
    public async Task Restart()
    {
        var address = Address.AbsoluteUri;
        await End();
        await Start(address);
    }

    /// <summary>Ends the host.</summary>
    public async Task End()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    /// <summary>Waits until somebody reads a job's log, who has been answered about the job before.</summary>
    public Task UntilFollowed(string id) => Eventually.True(
        () => Task.FromResult(_asked.Contains($"/admin/jobs/{id}/logs")), TimeSpan.FromSeconds(60), "somebody who follows the job",
        TestContext.Current.CancellationToken);

    /// <summary>Gets an answer.</summary>
    public async Task<HttpResponseMessage> Get(string path)
    {
        using var client = new HttpClient { BaseAddress = Address };
        return await client.GetAsync(path, TestContext.Current.CancellationToken);
    }

    async Task Start(string address)
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["urls"] = address, ["Bus:Database:Path"] = _folder.At("state.db") });
        builder.Services.AddTestCaller();
        builder.Services.AddBus(builder.Configuration, [new ChoresDomain()], [], new JobsModule(), new AdminModule());

        _application = builder.Build();
        _application.Use((context, next) =>
        {
            _asked.Enqueue($"{context.Request.Path}");
            return next(context);
        });
        _application.MapBus();
        await _application.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Runs <c>maestro jobs</c>.</summary>
    public Task<CommandRun> Jobs(params string[] arguments) => CommandRun.Of(Address, ["jobs", .. arguments]);

    /// <summary>Posts a JSON text.</summary>
    public async Task<HttpResponseMessage> Post(string path, string json)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        return await client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}

sealed class ChoresDomain : BusDomain;

/// <summary>A job of some steps, which fails at one of them or waits there to be cancelled.</summary>
public sealed record Chore(int Steps, int FailsAt = 0, int WaitsAt = 0, bool IsStubborn = false, string? TenantId = null);

[Job(Attempts = 1)]
public sealed partial class ChoreConsumer(ILogger<ChoreConsumer> logger) : IJobConsumer<Chore>
{
    static readonly TaskCompletionSource Released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets stubborn ones end.</summary>
    public static void Release() => Released.TrySetResult();

    public async Task Run(JobContext<Chore> context)
    {
        for (var step = 1; step <= context.Job.Steps; step++)
        {
            LogStep(step);
            await context.SetJobProgress(step, context.Job.Steps);
            if (step == context.Job.FailsAt)
                throw new InvalidOperationException($"step {step} has failed");
            if (step == context.Job.WaitsAt && context.Job.IsStubborn)
                await Released.Task;
            else if (step == context.Job.WaitsAt)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "doing step {Step}")]
    partial void LogStep(int step);
}
