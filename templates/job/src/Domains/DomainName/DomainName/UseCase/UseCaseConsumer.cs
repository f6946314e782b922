namespace BusRoot.DomainName;

/// <summary>Runs the job. When it is interrupted, its next attempt begins with what was saved last.</summary>
[Job(Timeout = "10m", Concurrency = 2)]
public sealed partial class UseCaseConsumer(ILogger<UseCaseConsumer> logger) : IJobConsumer<UseCase>
{
    public async Task Run(JobContext<UseCase> context)
    {
        var next = context.TryGetJobState<UseCaseState>(out var saved) ? saved.Next : 0;

        for (; next < context.Job.Steps; next++)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            LogStep(next + 1, context.Job.Steps);
            await context.SetJobProgress(next + 1, context.Job.Steps);
            await context.SaveJobState(new UseCaseState(next + 1));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Step {Step} of {Steps} is done.")]
    partial void LogStep(int step, int steps);
}
