namespace Maestro.Bus.Messaging;

/// <summary>
/// Has the HTTP server listen before anything else of the host starts: a start can take minutes while a broker is away or a backlog is
/// worked on, and whoever watches the process must not take it for dead. The server begins to stop before everything else: requests in
/// flight have three seconds before what they need stops as well, and are cut off when all has stopped.
/// </summary>
sealed class ListeningFirst(ServiceProviderOptions options) : IServiceProviderFactory<IServiceCollection>
{
    // ASP.NET Core 10 adds it as the last hosted service, after all that the host itself has added, and offers no other place.
    const string ServerService = "Microsoft.AspNetCore.Hosting.GenericWebHostService";

    readonly DefaultServiceProviderFactory _factory = new(options);

    public IServiceCollection CreateBuilder(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, ImplementationType: { FullName: ServerService } server })
                services[i] = ServiceDescriptor.Singleton<IHostedService>(provider =>
                    new Server((IHostedService)ActivatorUtilities.CreateInstance(provider, server)));
        }

        return _factory.CreateBuilder(services);
    }

    public IServiceProvider CreateServiceProvider(IServiceCollection containerBuilder) => _factory.CreateServiceProvider(containerBuilder);

    sealed class Server(IHostedService server) : IHostedLifecycleService
    {
        // Of the 25 s that a stop may take, consumers have 20.
        static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

        readonly CancellationTokenSource _over = new();
        Task _stopping = Task.CompletedTask;

        public Task StartingAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _stopping = server.StopAsync(_over.Token);
            return Task.WhenAny(_stopping, Task.Delay(Patience, cancellationToken));
        }

        public async Task StoppedAsync(CancellationToken cancellationToken)
        {
            await _over.CancelAsync();
            await _stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
