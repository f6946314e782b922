using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>A test with buses on a file of its own.</summary>
public abstract class FileBusTest : IAsyncDisposable
{
    readonly List<IHost> _hosts = [];

    protected TestFile File { get; } = new();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected static Uri NotesAddress { get; } = new("queue:notes");

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await Stop(host);

        File.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task<IHost> Start(
        Action<IBusRegistrationConfigurator>? register = null,
        QueuePolicy? policy = null,
        Action<string, ISqlReceiveEndpointConfigurator>? configure = null,
        params (string Name, string Value)[] settings)
    {
        var host = await FileBus.Start(File.Path, register, policy, configure, settings);
        _hosts.Add(host);
        // One that only sends: the queue is there, as after a start of its receiver.
        if (register is null)
            await host.Services.GetRequiredService<SqliteBroker>().DeclareQueue("notes", null, null);
        return host;
    }

    /// <summary>Starts a bus that handles notes.</summary>
    protected Task<IHost> StartNotes(
        Func<ConsumeContext<Note>, Task> handle, QueuePolicy? policy = null,
        Action<string, ISqlReceiveEndpointConfigurator>? configure = null, params (string, string)[] settings) =>
        Start(bus => bus.AddHandler(handle).Endpoint(endpoint => endpoint.Name = "notes"), policy, configure, settings);

    protected static async Task Stop(IHost host)
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    protected static async Task Send<T>(IHost host, T message, Action<SendContext<T>>? configure = null, string queue = "notes")
        where T : class
    {
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(message, Pipe.Execute<SendContext<T>>(context => configure?.Invoke(context)), Cancel);
    }

    protected static async Task<QueueMetrics?> Queue(IHost host, string name = "notes") =>
        (await host.Services.GetRequiredService<SqliteQueues>().List()).FirstOrDefault(queue => queue.Name == name);

    protected static Task<QueueMetrics> QueueWhen(IHost host, Func<QueueMetrics, bool> condition, string what, string name = "notes") =>
        Eventually.Some(
            async () => await Queue(host, name) is { } queue && condition(queue) ? queue : null, TimeSpan.FromSeconds(60), what, Cancel);
}
