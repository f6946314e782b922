namespace Maestro.Bus.Jobs.Chaos;

/// <summary>A job of some steps, which stays in one of them until it is killed: only its first attempt does.</summary>
public sealed record Steps(int Count, int StaysIn);

/// <summary>The step that comes next.</summary>
public sealed record NextStep(int Number);

public sealed partial class StepsConsumer(ILogger<StepsConsumer> logger) : IJobConsumer<Steps>
{
    public async Task Run(JobContext<Steps> context)
    {
        var isFirst = !context.TryGetJobState<NextStep>(out var next);

        for (var step = next?.Number ?? 1; step <= context.Job.Count; step++)
        {
            LogStep(step);
            if (isFirst && step == context.Job.StaysIn)
                await Task.Delay(Timeout.Infinite, context.CancellationToken);

            await context.SetJobProgress(step, context.Job.Count);
            await context.SaveJobState(new NextStep(step + 1));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "step {Step}")]
    partial void LogStep(int step);
}

/// <summary>A job that kills whoever runs it.</summary>
public sealed record Deadly;

public sealed class DeadlyConsumer : IJobConsumer<Deadly>
{
    public Task Run(JobContext<Deadly> context)
    {
        System.Diagnostics.Process.GetCurrentProcess().Kill();
        return Task.Delay(Timeout.Infinite, context.CancellationToken);
    }
}

/// <summary>A short job.</summary>
public sealed record Short(int Number);

public sealed class ShortConsumer : IJobConsumer<Short>
{
    public Task Run(JobContext<Short> context) => Task.Delay(TimeSpan.FromMilliseconds(5), context.CancellationToken);
}
