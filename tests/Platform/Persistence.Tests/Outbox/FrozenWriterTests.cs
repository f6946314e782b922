using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>
/// What becomes of the others when a host is frozen within a write to an SQLite file that they share: SQLite keeps it locked until that
/// process goes on or ends.
/// </summary>
public sealed class FrozenWriterTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();
    readonly LogLines _log = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("CONT")]
    [InlineData("KILL")]
    public async Task The_others_report_it_and_go_on_when_the_frozen_host_does_or_ends(string signal)
    {
        var settings = Databases.WithBroker(_folder.Path);
        var file = settings["Bus:Database:Path"]!;

        var refused = await Freeze(settings, file, other: null, "database", $"The database {file} ", signal, _ => Task.CompletedTask);

        // The transaction that waited is written, or its writer is told that it is not.
        Assert.True(refused is null || DatabaseFailures.IsAway(refused), $"{refused}");
    }

    [Theory]
    [InlineData("CONT")]
    [InlineData("KILL")]
    public async Task The_others_refuse_what_is_sent_meanwhile_when_the_file_of_the_queues_is_locked(string signal)
    {
        var settings = Databases.WithBroker(_folder.Path);
        var file = settings["Bus:Sqlite:Path"]!;

        var refused = await Freeze(
            settings, file, other: settings["Bus:Database:Path"], "sqlite-file", $"The bus's file {file} ", signal, async host =>
            {
                // The leases are in another file.
                await Numbers.UntilShared(host, hosts: 1, Patience, Cancellation);
                var exception = await Assert.ThrowsAsync<SqliteTransportException>(
                    () => host.Services.GetRequiredService<IBus>().Publish(new Number("refused", 0), Cancellation));
                Assert.Contains($"{file}. Another program has locked it. ", exception.Message, StringComparison.Ordinal);
            });

        // What is written to the outbox waits there. Each of the two dispatchers says so once.
        Assert.Null(refused);
        Assert.InRange(_log.All.Count(line => line.Contains(" from the outbox: ", StringComparison.Ordinal)), 0, 2);
        // The framework has a line of each question about the health.
        Assert.Empty(_log.Entries.Where(line => line.Exception is not null
            && !line.Text.StartsWith("Health check ", StringComparison.Ordinal)).Select(line => line.Text));
    }

    /// <summary>
    /// Freezes one of two hosts within a write, lets it go on or kills it, and sees that the other says so and that each number is handled
    /// once.
    /// </summary>
    /// <returns>What has become of the transaction that was written to the outbox at that moment; null if it was committed.</returns>
    async Task<Exception?> Freeze(
        Dictionary<string, string?> settings, string file, string? other, string check, string name, string signal,
        Func<IHost, Task> meanwhile)
    {
        using var host = ChaosHost.Build(settings, delivers: true, Numbers.Handle);
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
        await host.StartAsync(Cancellation);
        Exception? refused;

        await using (var frozen = Numbers.StartDispatcher(settings))
        {
            await frozen.Says("ready", Cancellation);
            await Numbers.UntilShared(host, hosts: 2, Patience, Cancellation);
            var isFrozen = false;
            var written = Task.Run(() => Numbers.Write(host, 0, () => !Volatile.Read(ref isFrozen), _ => { }, Cancellation), Cancellation);

            await frozen.FreezeWithinWrite(file, Cancellation, other);
            Volatile.Write(ref isFrozen, true);
            await UntilHealth(HealthStatus.Unhealthy);
            await Eventually.True(() => Task.FromResult(Told().Any()), Patience, "a line of the log", Cancellation);
            await meanwhile(host);

            await frozen.Signal(signal);
            refused = await Record.ExceptionAsync(() => written);
            await UntilHealth(HealthStatus.Healthy);
            await Numbers.Write(host, 1, NumberOf(30), _ => { }, Cancellation);
            // On a busy machine much has been written until the host was frozen.
            await Numbers.UntilHandled(host, 3 * Patience, Cancellation);
        }

        Assert.Equal(
            (await Numbers.Written(host, Cancellation)).OrderBy(number => $"{number}", StringComparer.Ordinal),
            (await Numbers.Handled(host, Cancellation)).OrderBy(number => $"{number}", StringComparer.Ordinal));
        await host.StopAsync(Cancellation);
        Assert.Collection(
            Told(),
            begun => Assert.Contains(" cannot be reached: ", begun, StringComparison.Ordinal),
            ended => Assert.Contains(" is back after ", ended, StringComparison.Ordinal));
        return refused;

        // What is told of the file once a minute may come between them on a slow machine.
        IEnumerable<string> Told() => _log.All.Where(line => line.StartsWith(name, StringComparison.Ordinal)
            && !line.Contains(" has not been reached for ", StringComparison.Ordinal));

        Task UntilHealth(HealthStatus expected) => Eventually.True(
            async () => (await host.Services.GetRequiredService<HealthCheckService>()
                .CheckHealthAsync(registration => registration.Name == check, Cancellation)).Status == expected,
            Patience, $"{check} to be {expected}", Cancellation);
    }

    static Func<bool> NumberOf(int transactions) => () => transactions-- > 0;
}
