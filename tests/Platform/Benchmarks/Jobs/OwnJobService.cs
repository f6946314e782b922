using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>MassTransit's own job service with its sagas in memory: what it can do at best.</summary>
static class OwnJobService
{
    /// <summary>How many empty jobs it runs a second, 10 at a time.</summary>
    public static async Task<double> Measure(int jobs, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Arrivals>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddDelayedMessageScheduler();
            bus.SetInMemorySagaRepositoryProvider();
            bus.AddConsumer<EmptyJobConsumer>(consumer =>
                consumer.Options<JobOptions<EmptyJob>>(options => options.SetConcurrentJobLimit(10)));
            bus.AddJobSagaStateMachines(options => options.SlotWaitTime = TimeSpan.FromSeconds(1));
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseDelayedMessageScheduler();
                memory.ConfigureEndpoints(context);
            });
        });
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);

        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var all = host.Services.GetRequiredService<Arrivals>().Expect(jobs);
        var endpoint = host.Services.GetRequiredService<IBus>();
        var clock = Stopwatch.StartNew();

        for (var number = 0; number < jobs; number++)
            await endpoint.SubmitJob(new EmptyJob(number), cancellationToken);
        await all.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);

        var measured = jobs / clock.Elapsed.TotalSeconds;
        await host.StopAsync(cancellationToken);
        return measured;
    }
}
