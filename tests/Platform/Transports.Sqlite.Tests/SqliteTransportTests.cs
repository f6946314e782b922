using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class SqliteTransportTests(SqliteFileBroker broker) : TransportSuite<SqliteFileBroker>(broker);

/// <summary>A file that nobody else uses.</summary>
public sealed class SqliteFileBroker : TransportBroker
{
    readonly TestFile _file = new();

    public override IEnumerable<KeyValuePair<string, string?>> Settings =>
        [new("Bus:Transport", "sqlite"), new("Bus:Sqlite:Path", _file.Path)];

    public override BusTransport CreateTransport() => new SqliteTransport();

    public override bool HasMovableClock => true;

    public override TimeProvider CreateClock() => new MovableClock(TimeProvider.System.GetUtcNow());

    public override ValueTask Advance(IHost host, TimeSpan time)
    {
        ((MovableClock)host.Services.GetRequiredService<TimeProvider>()).Now += time;
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return base.DisposeAsync();
    }

    public override async Task TakeAndDie(string queue)
    {
        await using var child = await ChildProcess.Start("take", _file, queue);
        await child.Says("takes");
        await child.Kill();
    }
}
