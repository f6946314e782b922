using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Persistence.Tests;

/// <summary>
/// What becomes of the others when a host is frozen within a write to the SQLite file that they share: SQLite keeps it locked until that
/// process goes on or ends.
/// </summary>
public sealed class FrozenWriterTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("CONT")]
    [InlineData("KILL")]
    public async Task The_others_report_it_and_go_on_when_the_frozen_host_does_or_ends(string signal)
    {
        var settings = Databases.WithBroker(_folder.Path);
        var file = settings["Bus:Database:Path"]!;
        using var log = new LogLines();
        using var host = ChaosHost.Build(settings, delivers: true, Numbers.Handle);
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await host.StartAsync(Cancellation);

        await using (var frozen = Numbers.StartDispatcher(settings))
        {
            await frozen.Says("ready", Cancellation);
            await Numbers.UntilShared(host, hosts: 2, Patience, Cancellation);
            var isFrozen = false;
            var written = Task.Run(() => Numbers.Write(host, 0, () => !Volatile.Read(ref isFrozen), _ => { }, Cancellation), Cancellation);

            await frozen.FreezeWithinWrite(file, Cancellation);
            Volatile.Write(ref isFrozen, true);
            await UntilHealth(HealthStatus.Unhealthy);
            await Eventually.True(() => Task.FromResult(Told().Any()), Patience, "a line of the log", Cancellation);

            await frozen.Signal(signal);
            // The transaction that waited is written, or its writer is told that it is not.
            var refused = await Record.ExceptionAsync(() => written);
            Assert.True(refused is null || DatabaseFailures.IsAway(refused), $"{refused}");
            await UntilHealth(HealthStatus.Healthy);
            await Numbers.Write(host, 1, NumberOf(30), _ => { }, Cancellation);
            await Numbers.UntilHandled(host, Patience, Cancellation);
        }

        Assert.Equal(
            (await Numbers.Written(host, Cancellation)).OrderBy(number => $"{number}", StringComparer.Ordinal),
            (await Numbers.Handled(host, Cancellation)).OrderBy(number => $"{number}", StringComparer.Ordinal));
        await host.StopAsync(Cancellation);
        Assert.Collection(
            Told(),
            begun => Assert.Contains(" cannot be reached: ", begun, StringComparison.Ordinal),
            ended => Assert.Contains(" is back after ", ended, StringComparison.Ordinal));

        // What is told of the file once a minute may come between them on a slow machine.
        IEnumerable<string> Told() => log.All.Where(line => line.StartsWith($"The database {file} ", StringComparison.Ordinal)
            && !line.Contains(" has not been reached for ", StringComparison.Ordinal));

        Task UntilHealth(HealthStatus expected) => Eventually.True(
            async () => (await host.Services.GetRequiredService<HealthCheckService>()
                .CheckHealthAsync(check => check.Name == "database", Cancellation)).Status == expected,
            Patience, $"the database to be {expected}", Cancellation);
    }

    static Func<bool> NumberOf(int transactions) => () => transactions-- > 0;
}
