using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Riders.Tests;

/// <summary>What is handled alone of a topic after a process has ended.</summary>
public sealed class RecordSuspectTests : IDisposable
{
    const string Topic = "shown";
    const int Keys = 40;
    const int Handled = 120;
    const int Unhandled = 200;

    // That of MetersDomain.
    const int Concurrency = 8;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_an_inbox_only_what_was_in_work_is_handled_alone_whatever_was_read(bool hasKeys)
    {
        // A member handles some, ends, and has acknowledged nothing of it.
        await Run(Streams(Handled, hasKeys), Handled);
        await EndAnother();
        var streams = Streams(Handled + Unhandled, hasKeys);

        var alone = await Run(streams, Handled + Unhandled);

        var records = streams.Records(Topic).Select(record => (Lane: LaneOf(record), Number: Number(record))).ToList();
        var firsts = records.Where(record => record.Number >= Handled).GroupBy(record => record.Lane)
            .SelectMany(lane => lane.Select(record => record.Number).Order().Take(hasKeys ? 1 : Concurrency)).ToList();
        Assert.Empty(firsts.Except(alone));

        // That there is an inbox is known once one was in it: the first of each lane are handled alone until then. Of records without a key
        // each lane may have taken one when enough were found.
        Assert.InRange(alone.Count, firsts.Count, firsts.Count + (hasKeys ? Concurrency : Concurrency * 5));
    }

    /// <summary>Runs a host until it has kept so many; tells which it has handled alone.</summary>
    async Task<List<int>> Run(MemoryStreams streams, int count)
    {
        var log = new LogLines();
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = _folder.At("state.db"),
            ["Bus:Database:Migrate"] = "true",
            ["Bus:MemoryStreams:Enabled"] = "true",
        });
        builder.Services.AddBus(builder.Configuration, [new MetersDomain(Topic, "concluded")], [], [new MemoryRider(streams)]);
        using var host = builder.Build();
        await host.StartAsync(Cancel);

        var kept = await Eventually.Some(
            async () =>
            {
                await using var scope = host.Services.CreateAsyncScope();
                var readings = await scope.ServiceProvider.GetRequiredService<MetersContext>().Readings
                    .OrderBy(reading => reading.Id).ToListAsync(Cancel);
                return readings.Count >= count ? readings : null;
            },
            Limit, $"{count} readings", Cancel);
        await host.StopAsync(Cancel);

        Assert.Equal(Enumerable.Range(0, count), kept.Select(reading => reading.Value).Order());
        Assert.All(
            kept.Where(reading => reading.Meter != "none").GroupBy(reading => reading.Meter, reading => reading.Value),
            meter => Assert.Equal(meter.Order(), meter));
        return
        [
            .. log.Entries
                .Where(line => line.Text.EndsWith("is handled alone", StringComparison.Ordinal) && line.Properties.ContainsKey("MessageId"))
                .Select(line => Number((Guid)line.Properties["MessageId"]!)),
        ];
    }

    /// <summary>Has the database know of a process that has not shown for long that it lives.</summary>
    async Task EndAnother()
    {
        await using var connection = new SqliteConnection($"Data Source={_folder.At("state.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO bus_process (id, place, pid, started, seen) VALUES ('another', 'elsewhere', 1, 0, 0)";
        await command.ExecuteNonQueryAsync(Cancel);
    }

    static MemoryStreams Streams(int count, bool hasKeys)
    {
        var streams = new MemoryStreams();
        for (var number = 0; number < count; number++)
        {
            var headers = new RecordHeaders();
            headers.Add(MessageHeaders.MessageId, Id(number).ToString());
            var key = hasKeys ? $"meter-{number % Keys}" : null;
            var value = $$"""{"meter":"{{key ?? "none"}}","value":{{number}}}""";
            streams.Write(
                [new OutgoingRecord(Topic, key is null ? null : Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), headers)]);
        }

        return streams;
    }

    // A lane takes records of each partition.
    static (StreamPartition Partition, int Lane) LaneOf(StreamRecord record) =>
        (record.Partition, record.Key is { } key ? Lanes.LaneOf(key, Concurrency) : -1);

    static Guid Id(int number) => new(number + 1, 0, 0, new byte[8]);

    static int Number(Guid id) => BitConverter.ToInt32(id.ToByteArray()) - 1;

    static int Number(StreamRecord record) => Number(Guid.Parse(record.Headers.Get(MessageHeaders.MessageId)!));
}
