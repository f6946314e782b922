using System.Text;

namespace Maestro.Bus.Compliance;

/// <summary>Starts buses with a rider on a broker, and talks to the broker beside them.</summary>
public abstract class RiderScenario<TBroker>(TBroker broker) : IClassFixture<TBroker>, IAsyncDisposable
    where TBroker : StreamBroker
{
    readonly List<IHost> _hosts = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TBroker Broker => broker;

    /// <summary>The group of the test's endpoints: no other test's members are waited for.</summary>
    protected string Group { get; } = $"group-{NewId.NextGuid():n}";

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.ToList())
            await Stop(host);

        GC.SuppressFinalize(this);
    }

    protected static string NewTopic() => $"compliance-{NewId.NextGuid():n}";

    /// <summary>Starts a host whose rider does what a test says.</summary>
    protected async Task<IHost> Start(
        Action<IRiderRegistrationConfigurator> register, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure,
        Action<IServiceCollection>? services = null,
        Action<IInMemoryBusFactoryConfigurator>? bus = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        services?.Invoke(builder.Services);
        builder.Services.AddMassTransit(x =>
        {
            x.DisableUsageTelemetry();
            x.AddRider(rider =>
            {
                register(rider);
                broker.Use(rider, configure);
            });
            x.UsingInMemory((context, memory) =>
            {
                bus?.Invoke(memory);
                memory.ConfigureEndpoints(context);
            });
        });

        return await Start(builder);
    }

    /// <summary>Starts a host, which stops with the test.</summary>
    protected async Task<IHost> Start(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Cancel);
        return host;
    }

    /// <summary>Starts a host whose consumers of one message read one topic, and whose producer writes it.</summary>
    protected Task<IHost> Start<T>(
        string topic, Func<ConsumeContext<T>, Task> handle, Action<IStreamEndpointConfigurator>? configure = null, string? group = null)
        where T : class =>
        Start(
            rider =>
            {
                rider.AddConsumer<RiderProbe<T>>();
                // A pattern can be read, and not be written to.
                if (!topic.StartsWith('^'))
                    broker.AddProducer<T>(rider, topic);
            },
            (context, factory) => factory.TopicEndpoint<T>(topic, group ?? Group, (_, endpoint) =>
            {
                configure?.Invoke(endpoint);
                endpoint.ConfigureConsumer<RiderProbe<T>>(context);
            }),
            services => services.AddSingleton(new RiderHandler<T>(handle)));

    protected async Task Stop(IHost host)
    {
        if (!_hosts.Remove(host))
            return;

        await host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    // Awaited here and not by the tests themselves: MassTransit's log context stays with the caller, and would outlive the host.
    protected static async Task Produce<T>(IHost host, T message, Action<StreamSendContext<T>>? configure = null)
        where T : class
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ITopicProducer<T>>().Produce(message, context => configure?.Invoke(context), Cancel);
    }

    /// <summary>Writes as a foreign program does.</summary>
    protected Task Write(string topic, string? key, string? value, params (string Name, string Value)[] headers) =>
        Write(Record(topic, key, value, headers));

    protected async Task Write(OutgoingRecord record)
    {
        await using var plugin = broker.CreatePlugin();
        await plugin.Produce(record, Cancel);
    }

    protected async Task<IReadOnlyList<StreamRecord>> Read(string topic, int count, TimeSpan? patience = null)
    {
        await using var plugin = broker.CreatePlugin();
        return await RecordReader.AtLeast(plugin, topic, count, patience);
    }

    protected static OutgoingRecord Record(string topic, string? key, string? value, params (string Name, string Value)[] headers)
    {
        var all = new RecordHeaders();
        foreach (var (name, text) in headers)
            all.Add(name, text);
        return new OutgoingRecord(
            topic, key is null ? null : Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value), all);
    }

    protected static string Json(string place, int number) => $$"""{"place":"{{place}}","number":{{number}}}""";

    protected static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes ?? []);
}
