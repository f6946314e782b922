using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Jobs.Tests;

public sealed class ProbeDomain : BusDomain
{
    public override QueuePolicy Policy => new() { Concurrency = 10, Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(50) };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<ProbeContext>();
        bus.Services.TryAddSingleton<Probe>();
    }
}

public sealed class ProbeContext(DbContextOptions<ProbeContext> options) : DbContext(options)
{
    public DbSet<Entry> Entries => Set<Entry>();
}

/// <summary>Something that is committed together with a job.</summary>
public sealed class Entry
{
    public long Id { get; init; }

    public required string Name { get; init; }
}

/// <summary>Has a consumer with a database submit jobs, in three ways, and fail where it is told to.</summary>
public sealed record SubmitWork(string Name, bool Fails);

public sealed class SubmitWorkConsumer(ProbeContext database, IJobs jobs) : IConsumer<SubmitWork>
{
    public async Task Consume(ConsumeContext<SubmitWork> context)
    {
        database.Add(new Entry { Name = context.Message.Name });
        await context.SubmitJob(new Work($"{context.Message.Name} by message"), context.CancellationToken);
        await jobs.Submit(new Work($"{context.Message.Name} by service"));
        await jobs.SubmitBatch(
            [new Work($"{context.Message.Name} in batch")], new BatchSubmission { WhenEnded = new AllDone(context.Message.Name) });

        if (context.Message.Fails)
            throw new InvalidMessageException("It is told to fail.");
    }
}

/// <summary>Listens to everything that is told of jobs.</summary>
public sealed class Listener(Probe probe) :
    IConsumer<JobSubmitted>, IConsumer<Fault<Flaky>>, IConsumer<JobStarted>, IConsumer<JobCompleted>, IConsumer<JobCompleted<Talk>>,
    IConsumer<JobFaulted>, IConsumer<JobCanceled>, IConsumer<JobBatchCompleted>, IConsumer<AllDone>,
    IConsumer<Said>, IConsumer<Seen>
{
    public Task Consume(ConsumeContext<JobSubmitted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<Fault<Flaky>> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobStarted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobCompleted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobCompleted<Talk>> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobFaulted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobCanceled> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobBatchCompleted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<AllDone> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<Said> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<Seen> context) => Hear(context.Message);

    Task Hear(object message)
    {
        probe.Hear(message);
        return Task.CompletedTask;
    }
}
