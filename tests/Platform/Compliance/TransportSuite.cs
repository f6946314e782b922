namespace Maestro.Bus.Compliance;

/// <summary>
/// What the platform promises of every transport. A transport proves itself with a class that derives from this one and says no more.
/// </summary>
public abstract partial class TransportSuite<TBroker>(TBroker broker) : IClassFixture<TBroker>, IAsyncDisposable
    where TBroker : TransportBroker
{
    static int _queues;

    readonly List<IHost> _hosts = [];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static QueuePolicy OneAtATime { get; } = new() { Concurrency = 1, Prefetch = 1, Attempts = 1 };

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.ToList())
            await Stop(host);

        GC.SuppressFinalize(this);
    }

    static string NewQueue() => $"compliance-{Interlocked.Increment(ref _queues)}";

    static Uri Address(string queue) => new($"queue:{queue}");

    static IBus BusOf(IHost host) => host.Services.GetRequiredService<IBus>();

    bool Has(TransportCapabilities capability) =>
        (_hosts[0].Services.GetRequiredService<BusTransport>().Capabilities & capability) == capability;

    /// <summary>Starts a host with a bus; one without a domain only sends.</summary>
    Task<IHost> Start(params IEnumerable<ComplianceDomain> domains) => Start([], TimeProvider.System, domains);

    async Task<IHost> Start(
        IEnumerable<KeyValuePair<string, string?>> settings, TimeProvider time, params IEnumerable<ComplianceDomain> domains)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([.. broker.Settings, .. settings]);
        builder.Services.AddSingleton(time);
        builder.Services.AddBus(
            builder.Configuration, domains, broker.CreateTransport() is var transport and not MemoryTransport ? [transport] : []);

        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Cancel);
        return host;
    }

    async Task Stop(IHost host)
    {
        if (!_hosts.Remove(host))
            return;

        await host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    // Awaited here and not by the tests themselves: MassTransit's log context stays with the caller, and would outlive the host.
    static async Task Publish<T>(IHost host, T message)
        where T : class =>
        await BusOf(host).Publish(message, Cancel);

    static async Task Send<T>(IHost host, string queue, T message, Action<SendContext<T>>? configure = null)
        where T : class
    {
        var endpoint = await BusOf(host).GetSendEndpoint(Address(queue));
        await endpoint.Send(message, Pipe.Execute<SendContext<T>>(context => configure?.Invoke(context)), Cancel);
    }

    static async Task SendWork(IHost host, string queue, params IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
            await Send(host, queue, new Work(number));
    }

    /// <summary>Takes what comes to the dead letters of a queue.</summary>
    static async Task<Received<DeadLetter>> DeadLettersOf(IHost host, string queue)
    {
        var letters = new Received<DeadLetter>();
        var transport = host.Services.GetRequiredService<BusTransport>();
        var handle = host.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint($"{queue}-dlq", (_, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.ApplyPolicy($"{queue}-dlq", OneAtATime, transport);
            endpoint.ConfigureReceive(receive => receive.UseFilter(new DeadLetterReader(letters)));
        });
        await handle.Ready.WaitAsync(Limits.Arrival, Cancel);
        return letters;
    }
}
