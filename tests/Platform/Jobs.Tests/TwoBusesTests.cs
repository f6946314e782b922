using Maestro.Bus.Transports.RabbitMq;

namespace Maestro.Bus.Jobs.Tests;

/// <summary>Two buses whose domains have different queues, on one virtual host of RabbitMQ.</summary>
public sealed class TwoBusesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Buses_with_names_of_their_own_see_nothing_of_each_other_s_jobs_batches_and_schedules()
    {
        await using var broker = new RabbitMqServer();
        await broker.Start(Cancellation);
        await using var one = await Start("one", broker);
        await using var other = await Start("other", broker);

        foreach (var (name, bus) in new[] { ("one", one), ("other", other) })
        {
            await bus.Bus.Publish(new SubmitWork(name, Fails: false), Cancellation);
            await using var scope = bus.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IMessageScheduler>()
                .SchedulePublish(TimeSpan.FromDays(30), new AllDone("never"), Cancellation);
        }

        foreach (var (name, bus) in new[] { ("one", one), ("other", other) })
        {
            await bus.Probe.UntilHeard<AllDone>();
            await Eventually.True(
                () => Task.FromResult(bus.Probe.Heard.OfType<JobCompleted>().Count() >= 3), TimeSpan.FromSeconds(60),
                "the end of three jobs", Cancellation);
            await Eventually.True(
                async () => await bus.Count("schedule_message") == 1, TimeSpan.FromSeconds(60), "the scheduled message", Cancellation);
            Assert.All(bus.Probe.Begun, begun => Assert.StartsWith($"{name} ", begun));
            Assert.Equal([name], bus.Probe.Heard.OfType<AllDone>().Select(done => done.Batch));
            Assert.Equal(3, bus.Probe.Heard.OfType<JobCompleted>().Count());
            Assert.Equal(3, await bus.Count("job"));
        }

        var queues = (await broker.Read("queues/%2F", Cancellation)).EnumerateArray()
            .Select(queue => queue.GetProperty("name").GetString()).ToList();
        Assert.Superset(
            new HashSet<string?> { "one-job-commands", "one-schedules", "other-job-commands", "other-schedules" }, queues.ToHashSet());
        Assert.DoesNotContain("schedules", queues);
        Assert.DoesNotContain("job-commands", queues);
    }

    public void Dispose() => _folder.Dispose();

    Task<JobsHost> Start(string name, RabbitMqServer broker) => JobsHost.Start(
        new NamedDomain(name), [new RabbitMqTransport()], [new("Bus:Database:Path", _folder.At($"{name}.db"))], new Probe(),
        ("Bus:Name", name), ("Bus:Transport", "rabbitmq"), ("Bus:RabbitMq:Url", broker.Url), ("Bus:Schedules:yearly:Cron", "0 0 1 1 *"),
        ("Bus:Schedules:yearly:Message", typeof(Wait).FullName), ("Bus:Schedules:yearly:Payload", """{ "name": "yearly" }"""));

    /// <summary>The domain of the probe jobs, with another queue.</summary>
    sealed class NamedDomain(string queue) : BusDomain
    {
        readonly ProbeDomain _probe = new();

        public override string Queue => queue;

        public override QueuePolicy Policy => _probe.Policy;

        public override void AddServices(BusBuilder bus) => _probe.AddServices(bus);
    }
}
