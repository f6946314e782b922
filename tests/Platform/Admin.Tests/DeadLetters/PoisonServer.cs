using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Maestro.Bus.Admin.Tests;

/// <summary>A running host with poison in its queue, and the command line to operate it.</summary>
sealed class PoisonServer : IAsyncDisposable
{
    public const string Queue = "poison";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly WebApplication _application;

    PoisonServer(WebApplication application) => _application = application;

    public IServiceProvider Services => _application.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public Remedies Remedies => Services.GetRequiredService<Remedies>();

    public IDeadLetterStore Store => Services.GetRequiredService<IDeadLetterStore>();

    public Uri Address => new(_application.Urls.First());

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PoisonServer> Start(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? configure = null)
    {
        var application = PoisonHost.Build(settings, configure);
        await application.StartAsync(Cancellation);
        return new PoisonServer(application);
    }

    /// <summary>Sends messages to the queue.</summary>
    public async Task Send(IEnumerable<Poison> messages, Action<SendContext>? configure = null)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{Queue}"));
        await Parallel.ForEachAsync(
            messages, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation },
            async (message, token) =>
                await endpoint.Send(message, Pipe.Execute<SendContext<Poison>>(context => configure?.Invoke(context)), token));
    }

    /// <summary>Runs a command line.</summary>
    public Task<CommandRun> Run(params string[] arguments) => CommandRun.Of(Address, arguments);

    /// <summary>Runs a command line that must succeed, and reads its JSON.</summary>
    public async Task<T> Json<T>(params string[] arguments) =>
        JsonSerializer.Deserialize<T>((await Run([.. arguments, "--json"])).Succeeded(), JsonSerializerOptions.Web)!;

    /// <summary>Waits until so many dead letters wait.</summary>
    public async Task UntilWaiting(long count, TimeSpan? limit = null)
    {
        var seen = -1L;
        try
        {
            await Eventually.True(
                async () => (seen = await Store.Count(new DeadLetterFilter { State = DeadLetterState.Waiting }, Cancellation)) == count,
                limit ?? Limit, $"{count} dead letters", Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} There are {seen}.", exception);
        }
    }

    /// <summary>Waits until so many messages of a kind have had their effects, and returns the numbers.</summary>
    public async Task<List<int>> Effects(string kind, int count, TimeSpan? limit = null)
    {
        var seen = 0;
        try
        {
            await Eventually.True(async () => (seen = await Count(kind)) >= count, limit ?? Limit, $"{count} effects", Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} There are {seen}.", exception);
        }

        return [.. (await Query(kind)).Select(effect => effect.Number)];
    }

    public async Task<List<Effect>> Query(string kind)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Effects>().All.Where(effect => effect.Kind == kind).ToListAsync(Cancellation);
    }

    async Task<int> Count(string kind)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Effects>().All.CountAsync(effect => effect.Kind == kind, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }
}
