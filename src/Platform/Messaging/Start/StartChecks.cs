namespace Maestro.Bus.Messaging;

/// <summary>
/// Runs the checks once: as a host of its own kind starts, or before, where whoever starts it wants to tell of the problems itself.
/// </summary>
sealed class StartChecks(IServiceProvider services, IEnumerable<IStartCheck> checks) : IHostedService
{
    bool _isDone;

    /// <exception cref="BusConfigurationException">Settings are wrong; the message lists all of them.</exception>
    public void Run()
    {
        if (_isDone)
            return;

        // The bus has its endpoints when it has been made.
        _ = services.GetRequiredService<IBusControl>();

        var problems = new SettingsProblems();
        foreach (var check in checks)
            check.Check(problems);

        problems.ThrowIfAny();
        _isDone = true;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Run();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
