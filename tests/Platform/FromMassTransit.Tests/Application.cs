extern alias old;

using System.Net.Http.Json;
using System.Reflection;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>A host of the application, as it was or as it is now, in a process of its own.</summary>
sealed class Application : IAsyncDisposable
{
    const string Listening = "Now listening on: ";

    readonly ServerProcess _process;
    HttpClient? _client;

    Application(ServerProcess process) => _process = process;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What it calls itself in the journal, before its move.</summary>
    public static string OldName { get; } = Name(typeof(old::Acme.Orders.OrderState).Assembly);

    /// <summary>What it calls itself in the journal, after its move.</summary>
    public static string NewName { get; } = Name(typeof(OrderState).Assembly);

    public static Task<Application> StartOld(Place place) =>
        Start("The old application", typeof(old::Acme.Orders.OrderState).Assembly, place);

    public static Task<Application> StartNew(Place place, params string[] settings) =>
        Start("The new application", typeof(OrderState).Assembly, place, settings);

    /// <summary>Asks for an order over HTTP.</summary>
    public async Task Post(SubmitOrder order)
    {
        using var response = await _client!.PostAsJsonAsync("orders", order, Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{response}{Environment.NewLine}{_process.Output}");
    }

    /// <summary>Stops it as an orchestrator does.</summary>
    public async Task Stop() => Assert.Equal(0, await _process.Stop(Cancellation));

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine($"{_process.Output}");
        await _process.DisposeAsync();
    }

    static async Task<Application> Start(string name, Assembly assembly, Place place, params string[] settings)
    {
        var process = ServerProcess.StartChild(
            name, assembly,
            [
                "--urls=http://127.0.0.1:0", $"--ConnectionStrings:Orders={place.Database}",
                $"--ConnectionStrings:RabbitMq={place.RabbitMq}", $"--ConnectionStrings:Kafka={place.Kafka}",
                "--Bus:Database:Migrate=true", "--Logging:LogLevel:Microsoft.EntityFrameworkCore=Warning", .. settings,
            ]);
        var application = new Application(process);

        try
        {
            await process.Ready(
                _ => Task.FromResult(Has(process, Listening) && Has(process, "Bus started: ")), TimeSpan.FromMinutes(2), Cancellation);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        var line = process.Lines.First(line => line.Contains(Listening, StringComparison.Ordinal));
        var address = line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim();
        application._client = new HttpClient { BaseAddress = new Uri(address) };
        return application;
    }

    static bool Has(ServerProcess process, string text) => process.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    static string Name(Assembly assembly) => assembly.GetName().Name!;
}
