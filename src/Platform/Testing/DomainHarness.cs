using Maestro.Bus.Jobs;

namespace Maestro.Bus.Testing;

/// <summary>
/// One domain on MassTransit's test harness: its real consumers, sagas, jobs, services and queue, in memory; its state in a temporary file.
/// </summary>
public sealed class DomainHarness : IAsyncDisposable
{
    readonly ServiceProvider _services;
    readonly TemporaryFolder _folder;

    DomainHarness(ServiceProvider services, TemporaryFolder folder)
    {
        _services = services;
        _folder = folder;
    }

    /// <summary>MassTransit's harness: what was published, sent and consumed.</summary>
    public ITestHarness Bus => _services.GetRequiredService<ITestHarness>();

    /// <summary>The domain's services.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Starts a domain.</summary>
    /// <param name="settings">Configuration, such as <c>Bus:Ingress:MaxBodySize</c>.</param>
    /// <param name="configure">Replaces or adds services after the domain has added its own.</param>
    public static async Task<DomainHarness> Start<TDomain>(
        IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? configure = null)
        where TDomain : BusDomain, new()
    {
        var folder = new TemporaryFolder();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            (settings ?? []).Prepend(new("Bus:Database:Path", folder.At("state.db")))).Build();
        var catalog = new DomainCatalog([new TDomain()]);
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(catalog);

        var builder = new BusBuilder(services, configuration, catalog);
        foreach (var domain in catalog.Domains)
            builder.AddDomain(domain);
        if (JobsModule.IsNeededBy(catalog))
            new JobsModule().AddServices(builder);
        builder.Problems.ThrowIfAny();
        configure?.Invoke(services);

        services.AddMassTransitTestHarness(bus =>
        {
            // The harness's own 1.2 s without a message are over before the first one is handled where the machine is busy.
            bus.SetTestTimeouts(testInactivityTimeout: TimeSpan.FromSeconds(5));
            bus.AddDomains(catalog);
            builder.ApplyTo(bus);
        });
        builder.Complete();

        var harness = new DomainHarness(services.BuildServiceProvider(true), folder);
        await harness.Bus.Start();
        return harness;
    }

    /// <summary>Awaits the end of a job: completed, failed or cancelled.</summary>
    /// <exception cref="TimeoutException">It has not ended within 60 seconds.</exception>
    public async Task<JobInfo> JobEnded(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = _services.CreateAsyncScope();
        var jobs = scope.ServiceProvider.GetRequiredService<IJobs>();
        return await Eventually.Some(
            async () => await jobs.Find(id, cancellationToken) is { HasEnded: true } job ? job : null, TimeSpan.FromSeconds(60),
            $"the job {id} to end", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }
}
