using MassTransit.Contracts.JobService;

namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>MassTransit's own job service, whose sagas send each other messages and wait by schedules.</summary>
public sealed class PlainJobServiceTests : PlainBusTest
{
    [Fact]
    public async Task A_job_sees_all_its_variables_when_it_is_cancelled_and_when_it_is_tried_again()
    {
        var (seen, ended, cancelled) = (new Received<Seen>(), new Received<JobCompleted>(), new Received<Guid>());
        var host = await Start(
            bus =>
            {
                bus.AddSqlMessageScheduler();
                bus.SetInMemorySagaRepositoryProvider();
                bus.AddSingleton(seen);
                bus.AddJobSagaStateMachines(options => options.SlotWaitTime = TimeSpan.FromSeconds(1));
                bus.AddConsumer<CrunchConsumer>(consumer => consumer.Options<JobOptions<Crunch>>(options => options
                    .SetJobTypeProperties(properties => properties.Set("kind", "heavy"))
                    .SetInstanceProperties(properties => properties.Set("region", "eu"))));
                bus.AddHandler((ConsumeContext<JobCompleted> context) => Add(ended, context.Message));
                bus.AddHandler((ConsumeContext<JobCanceled> context) => Add(cancelled, context.Message.JobId));
            },
            (_, sql) => sql.UseSqlMessageScheduler());
        var client = host.Services.GetRequiredService<IBus>();

        var id = await client.SubmitJob(new Crunch(5), properties => properties.Set("colour", "red").Set("number", 17), Cancel);
        await seen.AtLeast(1);
        await client.CancelJob(id);
        Assert.Equal([id], await cancelled.AtLeast(1));
        await client.RetryJob(id);

        var attempts = await seen.AtLeast(2);
        Assert.Equal(new Seen(id, 0, null, null, null, 5, "red", 17, "heavy", "eu"), attempts[0]);
        Assert.Equal(attempts[0] with { RetryAttempt = 1, Progress = 2, Limit = 3, Saved = 4 }, attempts[1]);
        var completed = (await ended.AtLeast(1))[0];
        Assert.Equal(
            (id, "5", "red", "heavy", "eu"),
            (
                completed.JobId, $"{completed.Job["number"]}", $"{completed.JobProperties!["colour"]}",
                $"{completed.JobTypeProperties!["kind"]}", $"{completed.InstanceProperties!["region"]}"));
    }

    /// <summary>A job that waits until it is cancelled: only its first attempt does.</summary>
    public sealed record Crunch(int Number);

    public sealed record CrunchState(int Number);

    public sealed record Seen(
        Guid Job, int RetryAttempt, long? Progress, long? Limit, int? Saved, int Body, string? Colour, int? Number, string? Kind,
        string? Region);

    public sealed class CrunchConsumer(Received<Seen> seen) : IJobConsumer<Crunch>
    {
        public async Task Run(JobContext<Crunch> context)
        {
            var saved = context.TryGetJobState<CrunchState>(out var state) ? state.Number : (int?)null;
            if (context.RetryAttempt == 0)
            {
                await context.SetJobProgress(2, 3);
                await context.SaveJobState(new CrunchState(4));
            }

            seen.Add(new Seen(
                context.JobId, context.RetryAttempt, context.LastProgressValue, context.LastProgressLimit, saved, context.Job.Number,
                context.JobProperties.Get<string>("colour"), context.JobProperties.Get<int>("number"),
                context.JobTypeProperties.Get<string>("kind"), context.InstanceProperties.Get<string>("region")));
            if (context.RetryAttempt == 0)
                await new TaskCompletionSource().Task.WaitAsync(context.CancellationToken);
        }
    }
}
