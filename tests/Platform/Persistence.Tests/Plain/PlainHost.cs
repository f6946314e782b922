using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>A host with a plain MassTransit bus in memory, whose context has an outbox of this bus.</summary>
sealed class PlainHost<TContext> : IAsyncDisposable
    where TContext : DbContext
{
    readonly IHost _host;

    PlainHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public ParcelLog Log => Services.GetRequiredService<ParcelLog>();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PlainHost<TContext>> Start(
        Action<DbContextOptionsBuilder> database, Action<IBusRegistrationConfigurator>? configure = null,
        IEnumerable<KeyValuePair<string, string?>>? settings = null, LogLines? lines = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (lines is not null)
            builder.Logging.AddProvider(lines);
        builder.Configuration.AddInMemoryCollection([new("Bus:Database:Migrate", "true"), .. settings ?? []]);
        builder.Services.AddDbContext<TContext>(database);
        builder.Services.AddSingleton<ParcelLog>();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<SendParcelConsumer<TContext>>().Endpoint(endpoint =>
            {
                endpoint.Name = ParcelQueue.Name;
                endpoint.ConcurrentMessageLimit = 1;
            });
            // One at a time: its log keeps their order.
            bus.AddConsumer<ParcelSentConsumer>().Endpoint(endpoint => endpoint.ConcurrentMessageLimit = 1);
            if (configure is null)
                bus.AddEntityFrameworkOutbox<TContext>(outbox => outbox.UseBusOutbox());
            else
                configure(bus);
            bus.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseEntityFrameworkOutbox<TContext>(context));
            bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        });

        var host = builder.Build();

        try
        {
            await host.StartAsync(Cancellation);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new PlainHost<TContext>(host);
    }

    /// <summary>Runs something in a scope, as a request does.</summary>
    public async Task<T> InScope<T>(Func<TContext, IPublishEndpoint, Task<T>> run)
    {
        await using var scope = Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        return await run(services.GetRequiredService<TContext>(), services.GetRequiredService<IPublishEndpoint>());
    }

    /// <summary>Waits for numbers to have been told of, and no others.</summary>
    public async Task Until(params int[] numbers)
    {
        await Eventually.True(
            () => Task.FromResult(Log.Sent.Count >= numbers.Length), TimeSpan.FromSeconds(60), $"{numbers.Length} parcels", Cancellation);
        Assert.Equal(numbers, Log.Numbers);
    }

    public async Task Send(SendParcel parcel, Guid id)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{ParcelQueue.Name}"));
        await endpoint.Send(parcel, context => context.MessageId = id, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}

static class ParcelQueue
{
    public const string Name = "parcels";
}
