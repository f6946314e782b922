namespace Maestro.Bus.Persistence;

/// <summary>Moves what comes to the brokers' dead-letter queues into the store, for as long as the host runs.</summary>
sealed class DeadLetterCollector(
    IReceiveEndpointConnector connector, DeadLetterQueues queues, BusTransport transport, DeadLetterWriter writer,
    DeadLetterSettings settings, TimeProvider time)
    : IHostedLifecycleService, IDisposable
{
    // What is in the middle of being written may end; a database that does not answer must not keep the host from stopping.
    static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    static readonly TimeSpan BeginLimit = TimeSpan.FromSeconds(2);

    static readonly QueuePolicy Policy = new()
    {
        Concurrency = DeadLetterWriter.BatchSize,
        Prefetch = DeadLetterWriter.BatchSize,
        Attempts = 1,
    };

    readonly CancellationTokenSource _stopped = new();
    List<HostReceiveEndpointHandle> _endpoints = [];
    Task _writing = Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!settings.Enabled || !settings.Store)
            return Task.CompletedTask;

        _writing = Task.Run(() => writer.Run(_stopped.Token), CancellationToken.None);
        _endpoints = [.. queues.Queues.Select(Connect)];
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Some hosts stop twice, the second time after they have disposed of their services.
        if (_stopped.IsCancellationRequested)
            return;

        var endpoints = Task.WhenAll(_endpoints.Select(Stop));
        _stopped.CancelAfter(StopGrace);
        await Task.WhenAny(endpoints, Task.Delay(Timeout.InfiniteTimeSpan, time, _stopped.Token));
        await _stopped.CancelAsync();
        await _writing;

        // One that does not end even then is left to the bus, whose stop has a limit.
        await Task.WhenAny(endpoints, Task.Delay(StopGrace, time, CancellationToken.None));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopped.Dispose();

    async Task Stop(HostReceiveEndpointHandle endpoint)
    {
        // MassTransit 8.5 waits for ever for an endpoint that is stopped while it begins.
        await Task.WhenAny(endpoint.Ready, Task.Delay(BeginLimit, time, CancellationToken.None));
        await endpoint.StopAsync(CancellationToken.None);
    }

    HostReceiveEndpointHandle Connect(string queue)
    {
        var deadLetters = DeadLetterQueues.Of(queue);
        return connector.ConnectReceiveEndpoint(deadLetters, (_, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.ConcurrentMessageLimit = Policy.Concurrency;
            endpoint.PrefetchCount = Policy.EffectivePrefetch;
            transport.ConfigureQueue(endpoint, deadLetters, Policy);
            endpoint.ConfigureReceive(receive => receive.UseFilter(new CollectorFilter(queue, writer, transport, time)));
        });
    }
}
