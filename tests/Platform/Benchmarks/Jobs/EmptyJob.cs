namespace Maestro.Bus.Benchmarks;

/// <summary>A job that does nothing.</summary>
public sealed record EmptyJob(int Number);

public sealed class EmptyJobConsumer(Arrivals arrivals) : IJobConsumer<EmptyJob>
{
    public Task Run(JobContext<EmptyJob> context)
    {
        arrivals.Arrived();
        return Task.CompletedTask;
    }
}
