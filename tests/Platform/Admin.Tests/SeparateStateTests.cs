using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Maestro.Bus.Admin.Tests;

/// <summary>
/// Hosts on one RabbitMQ whose state lies in SQLite files: those that share a file are fine, another file would split sagas and inbox.
/// </summary>
public sealed class SeparateStateTests(RedirectTests.Rabbit rabbit) : IClassFixture<RedirectTests.Rabbit>
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_host_with_a_file_of_its_own_is_refused_with_what_to_set_and_one_with_the_same_file_is_not()
    {
        using var folder = new TemporaryFolder();
        var url = await rabbit.Server.CreateVirtualHost(Cancellation);
        await using var first = await PoisonServer.Start(Settings(url, folder.At("state.db")));

        var refusal = await Refusal(Settings(url, folder.At("other.db")));
        await using var second = await PoisonServer.Start(Settings(url, folder.At("state.db")));

        Assert.Contains("belongs to hosts with another state", refusal, StringComparison.Ordinal);
        Assert.Contains(folder.At("other.db"), refusal, StringComparison.Ordinal);
        Assert.Contains("set Bus:Database:Provider to postgresql and Bus:Database:ConnectionString", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
        first.Remedies.Are("healthy");
        second.Remedies.Are("healthy");
        await second.Send([new Poison("healthy", 1)]);
        Assert.Equal([1], await first.Effects("healthy", 1));
    }

    [Fact]
    public async Task A_state_that_is_gone_for_good_is_replaced_by_the_one_that_names_it_and_no_other()
    {
        using var folder = new TemporaryFolder();
        var url = await rabbit.Server.CreateVirtualHost(Cancellation);
        await using (await PoisonServer.Start(Settings(url, folder.At("state.db"))))
        {
            // It has claimed its queue.
        }

        // A host that has ended is there again with its file.
        await using (await PoisonServer.Start(Settings(url, folder.At("state.db"))))
        {
        }

        var refusal = await Refusal(Settings(url, folder.At("restored.db")));
        var remedy = refusal[(refusal.LastIndexOf('=') + 1)..].TrimEnd('.');
        await Refusal(Settings(url, folder.At("restored.db"), ("Bus:RabbitMq:ReplacedState", "of-somebody-else")));
        await using var replacing = await PoisonServer.Start(
            Settings(url, folder.At("restored.db"), ("Bus:RabbitMq:ReplacedState", remedy)));

        var replaced = await Refusal(Settings(url, folder.At("state.db")));
        Assert.Contains("belongs to hosts with another state", replaced, StringComparison.Ordinal);
    }

    /// <summary>What a host has claimed it keeps while it is cut off.</summary>
    [Fact]
    public async Task A_host_that_has_lost_its_connection_finds_its_queue_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var url = await rabbit.Server.CreateVirtualHost(Cancellation);
        await using var first = await PoisonServer.Start(Settings(url, folder.At("state.db")));
        first.Remedies.Are("healthy");

        await rabbit.Server.CloseConnections(url[(url.LastIndexOf('/') + 1)..], Cancellation);
        await Refusal(Settings(url, folder.At("other.db")));

        await using var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        await Eventually.True(
            async () => (await channel.QueueDeclarePassiveAsync(PoisonServer.Queue, Cancellation)).ConsumerCount == 1, Limit,
            "the first host's consumer", Cancellation);
        await first.Send([new Poison("healthy", 1)]);
        Assert.Equal([1], await first.Effects("healthy", 1));
    }

    static Dictionary<string, string?> Settings(string url, string path, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = url,
            ["Bus:Database:Path"] = path,
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return settings;
    }

    static async Task<string> Refusal(Dictionary<string, string?> settings)
    {
        var log = new CriticalLines();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = await PoisonServer.Start(
                settings, services => services.AddLogging(logging => logging.AddProvider(log))).WaitAsync(Limit, Cancellation);
        });
        return log.First ?? throw new InvalidOperationException("The start has failed without a word.");
    }

    sealed class CriticalLines : ILoggerProvider, ILogger
    {
        public string? First { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Critical;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                First ??= formatter(state, exception);
        }

        public void Dispose()
        {
        }
    }
}
