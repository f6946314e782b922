using System.Diagnostics.Metrics;

namespace Maestro.Bus.Persistence.Chaos;

/// <summary>A host that takes payments and asks for some.</summary>
public static class PaymentsHost
{
    /// <summary>Makes one.</summary>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    public static IHost Build(IEnumerable<string> settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2))
            .Select(setting => KeyValuePair.Create<string, string?>(setting[0], setting[1])));
        builder.Services.AddBus(builder.Configuration, [new PaymentsDomain()], [new RabbitMqTransport(), new SqliteTransport()]);
        return builder.Build();
    }

    /// <summary>Asks for the same payment so many times at once, each time with an id of its own, and gives the receipts.</summary>
    public static async Task<Guid[]> Pay(IHost host, int times, Pay payment)
    {
        var client = host.Services.GetRequiredService<IBus>().CreateRequestClient<Pay>(TimeSpan.FromSeconds(60));
        var receipts = await Task.WhenAll(Enumerable.Range(0, times).Select(_ => client.GetResponse<Paid>(payment)));
        return [.. receipts.Select(receipt => receipt.Message.Receipt)];
    }

    /// <summary>Counts what this process does with payments, by what was done.</summary>
    public static MeterListener Count(IHost host, Action<string> count)
    {
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "bus.idempotency.messages" && instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => count($"{tags[0].Value}"));
        listener.Start();
        return listener;
    }

    sealed class PaymentsDomain : BusDomain
    {
        public override string Queue => "payments";

        public override QueuePolicy Policy => new() { Concurrency = 20, Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(100) };

        public override void AddServices(BusBuilder bus) => bus.AddDatabase<ChaosContext>();
    }
}
