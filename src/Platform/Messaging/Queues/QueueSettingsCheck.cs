namespace MaestroBus.Messaging;

/// <summary>Stops a start whose configuration names a queue that the bus does not have, before the bus takes its first message.</summary>
sealed class QueueSettingsCheck(IServiceProvider services, QueuePolicies policies) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The bus has its endpoints when it has been made.
        _ = services.GetRequiredService<IBusControl>();

        var problems = new SettingsProblems();
        policies.AddUnknown(problems);
        problems.ThrowIfAny();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
