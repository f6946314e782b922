namespace Maestro.Bus.Jobs.Tests;

/// <summary>A job that ends at once.</summary>
public sealed record Work(string Name);

public sealed class WorkConsumer(Probe probe) : IJobConsumer<Work>
{
    public Task Run(JobContext<Work> context)
    {
        probe.Begin(context.Job.Name);
        probe.End();
        return Task.CompletedTask;
    }
}

/// <summary>A job that waits until it is let go.</summary>
public sealed record Wait(string Name);

[Job(Concurrency = 2)]
public sealed class WaitConsumer(Probe probe) : IJobConsumer<Wait>
{
    public async Task Run(JobContext<Wait> context)
    {
        probe.Begin(context.Job.Name);
        try
        {
            await probe.Wait(context.Job.Name, context.CancellationToken);
        }
        finally
        {
            probe.End();
        }
    }
}

/// <summary>A job of which one runs at a time on all hosts together.</summary>
public sealed record Single(string Name);

[Job(Concurrency = 5, GlobalConcurrency = 1)]
public sealed class SingleConsumer(Probe probe) : IJobConsumer<Single>
{
    public async Task Run(JobContext<Single> context)
    {
        probe.Begin(context.Job.Name);
        try
        {
            await probe.Wait(context.Job.Name, context.CancellationToken);
        }
        finally
        {
            probe.End();
        }
    }
}

/// <summary>A job that does not hear when it is told to end.</summary>
public sealed record Deaf(string Name);

[Job(Concurrency = 1, Timeout = "300ms", Attempts = 1)]
public sealed class DeafConsumer(Probe probe) : IJobConsumer<Deaf>
{
    public Task Run(JobContext<Deaf> context)
    {
        probe.Begin(context.Job.Name);
        return probe.Wait(context.Job.Name, CancellationToken.None);
    }
}

/// <summary>A job that fails some times before it succeeds.</summary>
public sealed record Flaky(int Failures, bool IsInvalid = false, bool IsAway = false);

[Job(Attempts = 3, FirstRetryDelay = "50ms")]
public sealed class FlakyConsumer(Probe probe) : IJobConsumer<Flaky>
{
    public Task Run(JobContext<Flaky> context)
    {
        probe.Begin($"{context.RetryAttempt}");
        probe.End();
        if (context.Job.IsInvalid)
            throw new InvalidMessageException("It can never be done.");

        if (context.Job.IsAway && context.RetryAttempt < context.Job.Failures)
            throw new InvalidOperationException("It fails.", new DependencyUnavailableException($"It is away {context.RetryAttempt + 1}."));

        return context.RetryAttempt < context.Job.Failures
            ? throw new InvalidOperationException($"failure {context.RetryAttempt + 1}")
            : Task.CompletedTask;
    }
}

/// <summary>A job whose dependency asks for time.</summary>
public sealed record Busy(int Seconds, string? Gate = null);

[Job(Attempts = 3, FirstRetryDelay = "50ms")]
public sealed class BusyConsumer(Probe probe) : IJobConsumer<Busy>
{
    public async Task Run(JobContext<Busy> context)
    {
        probe.Begin("busy");
        probe.End();
        if (context.Job.Gate is { } gate)
            await probe.Wait(gate, context.CancellationToken);

        throw new DependencyUnavailableException("It is busy.") { RetryAfter = TimeSpan.FromSeconds(context.Job.Seconds) };
    }
}

/// <summary>A job that always fails, and is tried as its consumer's definition says.</summary>
public sealed record Defined;

public sealed class DefinedConsumer(Probe probe) : IJobConsumer<Defined>
{
    public Task Run(JobContext<Defined> context)
    {
        probe.Begin($"{context.RetryAttempt}");
        throw new InvalidOperationException("It fails.");
    }
}

public sealed class DefinedConsumerDefinition : ConsumerDefinition<DefinedConsumer>
{
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<DefinedConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = 1;
        consumerConfigurator.Options<JobOptions<Defined>>(options => options
            .SetJobTimeout(TimeSpan.FromMinutes(7)).SetConcurrentJobLimit(3).SetGlobalConcurrentJobLimit(4)
            .SetRetry(retry => retry.Intervals(10, 20, 30)));
    }
}

/// <summary>A job that fails once, and tells at its next attempt what its context has.</summary>
public sealed record Told;

/// <summary>What it has seen.</summary>
public sealed record Seen(
    int RetryAttempt, long? Progress, long? Limit, string? Colour, int? Number, Guid? Parent, string? Kind, string? Region);

[Job(Attempts = 2, FirstRetryDelay = "50ms")]
public sealed class ToldConsumer : IJobConsumer<Told>
{
    public async Task Run(JobContext<Told> context)
    {
        if (context.RetryAttempt == 0)
        {
            await context.SetJobProgress(3, 4);
            throw new InvalidOperationException("It fails once.");
        }

        await context.Publish(new Seen(
            context.RetryAttempt, context.LastProgressValue, context.LastProgressLimit, context.JobProperties.Get<string>("COLOUR"),
            context.JobProperties.Get<int>("number"), context.JobProperties.Get<Guid>("order"),
            context.JobTypeProperties.Get<string>("kind"), context.InstanceProperties.Get<string>("region")));
    }
}

public sealed class ToldConsumerDefinition : ConsumerDefinition<ToldConsumer>
{
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ToldConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        consumerConfigurator.Options<JobOptions<Told>>(options => options
            .SetJobTypeProperties(properties => properties.Set("kind", "light"))
            .SetInstanceProperties(properties => properties.Set("region", "eu")));
}

/// <summary>A job that tells what it does.</summary>
public sealed record Talk(string Name);

/// <summary>What it has saved.</summary>
public sealed record TalkState(int Count);

public sealed partial class TalkConsumer(Probe probe, ILogger<TalkConsumer> logger, ILoggerFactory loggers) : IJobConsumer<Talk>
{
    public async Task Run(JobContext<Talk> context)
    {
        LogHello(context.Job.Name);
        loggers.CreateLogger("Elsewhere").LogWarning("from elsewhere");
        var count = context.TryGetJobState<TalkState>(out var state) ? state.Count : 0;
        await context.SaveJobState(new TalkState(count + 1));
        await context.SetJobProgress(7, 10);
        await context.Publish(new Said(context.Job.Name, context.TenantId()));
        probe.Begin(context.Job.Name);
        await probe.Wait(context.Job.Name, context.CancellationToken);
        await context.SetJobProgress(10, 10);
        probe.End();
    }

    [LoggerMessage(1, LogLevel.Information, "hello {Name}")]
    partial void LogHello(string name);
}

/// <summary>A job that logs a line, reports nothing else, and waits until it is let go.</summary>
public sealed record Remark(string Name);

public sealed partial class RemarkConsumer(Probe probe, ILogger<RemarkConsumer> logger) : IJobConsumer<Remark>
{
    public Task Run(JobContext<Remark> context)
    {
        LogName(context.Job.Name);
        probe.Begin(context.Job.Name);
        probe.End();
        return probe.Wait(context.Job.Name, context.CancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "{Name}")]
    partial void LogName(string name);
}

/// <summary>What a talking job publishes.</summary>
public sealed record Said(string Name, string? Tenant);

/// <summary>A job that has children.</summary>
public sealed record Family(int Children, int Failing);

public sealed class FamilyConsumer(Probe probe, IJobs jobs) : IJobConsumer<Family>
{
    public async Task Run(JobContext<Family> context)
    {
        var child = new JobSubmission { Parent = context.JobId };
        await jobs.SubmitMany(
            Enumerable.Range(0, context.Job.Children - context.Job.Failing).Select(number => new Wait($"child {number}")), child);
        await jobs.SubmitMany(Enumerable.Range(0, context.Job.Failing).Select(_ => new Flaky(99, IsInvalid: true)), child);
        probe.Begin("family");
        probe.End();
    }
}

/// <summary>All probe jobs of a batch have ended.</summary>
public sealed record AllDone(string Batch);

/// <summary>A job that writes a text wherever it can, and fails with it.</summary>
public sealed record Dirty(string Text, bool Fails = false);

/// <summary>What it has saved.</summary>
public sealed record DirtyState(string Text);

[Job(Attempts = 1)]
public sealed class DirtyConsumer(Probe probe, ILoggerFactory loggers) : IJobConsumer<Dirty>
{
    public async Task Run(JobContext<Dirty> context)
    {
        // A body is JSON, which has no halves of surrogate pairs.
        var text = context.Job.Text == "poison" ? "poison" : "a\0b\ud800c";
        probe.Begin(text);
        probe.End();
        loggers.CreateLogger($"dirty {text}").Log(LogLevel.Information, default, $"dirty {text}", null, (state, _) => state);
        await context.SaveJobState(new DirtyState(text));
        await context.SetJobProgress(1, 2);
        context.SetJobResult(text);
        if (context.Job.Fails)
            throw new InvalidOperationException(text);
    }
}

/// <summary>A job that can be read, and cannot be written any more once it has run.</summary>
public sealed record Sly(string Name)
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> HaveRun = [];

    public string Trouble => HaveRun.ContainsKey(Name) && Name.StartsWith("sly", StringComparison.Ordinal)
        ? throw new InvalidOperationException("It has changed its mind.")
        : "none";

    public void Run() => HaveRun[Name] = true;
}

public sealed class SlyConsumer(Probe probe) : IJobConsumer<Sly>
{
    public Task Run(JobContext<Sly> context)
    {
        probe.Begin(context.Job.Name);
        context.Job.Run();
        return probe.Wait("sly jobs", context.CancellationToken);
    }
}
