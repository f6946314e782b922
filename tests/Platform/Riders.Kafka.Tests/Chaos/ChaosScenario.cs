using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>
/// Something ends all the time while records flow: nothing is lost, each key keeps its order, and what is done again is what was not
/// committed.
/// </summary>
public abstract class ChaosScenario<TBroker>(TBroker broker) : RiderScenario<TBroker>(broker)
    where TBroker : KafkaBroker
{
    const int Keys = 40;
    static readonly int Messages = LongSuite.Size(4000, full: 50_000);

    // In the whole run it goes on all the time.
    static readonly int Kills = LongSuite.Size(3, full: int.MaxValue);

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(300 + (Messages / 100));

    /// <summary>What ends in place of a process that reads, and comes back; null if that is what ends.</summary>
    protected virtual Func<int, Task>? Disturbance => null;

    [Fact]
    public async Task Nothing_is_lost_keys_keep_their_order_and_only_what_was_not_committed_is_repeated()
    {
        var topic = NewTopic();
        var commits = new Commits(Broker.Settings.BootstrapServers, topic, ChaosHost.Group);
        List<(int Line, Dictionary<int, long> Offsets)> committed = [];
        var consumers = Consumers("telling", Broker.Settings.BootstrapServers, topic);
        consumers.BeforeKill = () => committed.Add((consumers.Lines.Count, commits.Read()));

        var writing = await BeginToWrite(topic);
        await consumers.Run(
            () => Task.FromResult(Told(consumers).Select(told => (told.Partition, told.Offset)).Distinct().Count()), Messages, Limit, Kills,
            Cancel);
        await writing;

        var all = Told(consumers);
        foreach (var key in all.GroupBy(told => told.Key))
            AssertInOrder(key.Key, [.. key]);
        var repeats = all.GroupBy(told => (told.Partition, told.Offset)).SelectMany(record => record.Skip(1)).ToList();
        TestContext.Current.SendDiagnosticMessage($"{consumers.Killed} ended, {repeats.Count} of {Messages} handled again");

        // What a process has told of and committed may be heard of a little late: what counts is what was committed one kill earlier.
        foreach (var repeat in repeats)
        {
            if (committed.FindLastIndex(before => before.Line <= repeat.Line) is var last && last > 0)
                Assert.True(repeat.Offset >= committed[last - 1].Offsets.GetValueOrDefault(repeat.Partition),
                    $"{repeat} was committed: {string.Join(", ", committed[last - 1].Offsets)}");
        }
    }

    [Fact]
    public async Task With_an_inbox_each_record_has_its_effect_once()
    {
        var topic = NewTopic();
        using var folder = new TemporaryFolder();
        var database = folder.At("state.db");
        var consumers = Consumers("keeping", Broker.Settings.BootstrapServers, topic, database);
        await CreateTables(topic, database);

        var writing = await BeginToWrite(topic);
        await consumers.Run(() => Kept(database), Messages, Limit, Kills, Cancel);
        await writing;

        var kept = await ReadKept(database);
        Assert.Equal(Messages, kept.Count);
        Assert.All(
            kept.GroupBy(count => count.Key), key => Assert.Equal(Enumerable.Range(0, Messages / Keys), key.Select(count => count.Number)));
    }

    [Fact]
    public async Task In_transactions_each_record_has_its_result_once()
    {
        var (topic, results) = (NewTopic(), NewTopic());
        var consumers = Consumers("relaying", Broker.Settings.BootstrapServers, topic, results);
        List<Noted> noted = [];

        var writing = await BeginToWrite(topic);
        await using var reader = Broker.CreatePlugin();
        await using var reading = reader.Consume(new StreamSubscription(
            [results], $"reader-{results}", StreamPosition.Earliest, 1_000, IsTransactional: false), NoPartitions.Instance);
        await consumers.Run(() => Task.Run(() =>
        {
            while (reading.Receive(1_000, TimeSpan.FromMilliseconds(100)) is { Count: > 0 } records)
                noted.AddRange(records.Select(record => JsonSerializer.Deserialize<Noted>(record.Value, JsonSerializerOptions.Web)!));
            return noted.Distinct().Count();
        }), Messages, Limit, Kills, Cancel);
        await writing;

        // A broker that shows the records of transactions that were given up shows some twice.
        var shown = Broker.HidesAborted ? noted : [.. noted.Distinct()];
        Assert.Equal(Messages, shown.Count);
        Assert.All(shown.GroupBy(count => count.Key),
            key => Assert.Equal(Enumerable.Range(0, Messages / Keys), key.Select(count => count.Number).Order()));
    }

    KilledConsumers Consumers(params string[] arguments) => new(arguments) { Disturbance = Disturbance };

    /// <summary>What is written while the broker ends may be there twice, as its answer is lost: then all is written first.</summary>
    async Task<Task> BeginToWrite(string topic)
    {
        var writing = WriteAll(topic);
        if (Disturbance is not null)
            await writing;
        return writing;
    }

    async Task CreateTables(string topic, string database)
    {
        using var host = ChaosHost.Keeping(Broker.Settings.BootstrapServers, topic, database);
        await host.StartAsync(Cancel);
        await host.StopAsync(Cancel);
    }

    async Task WriteAll(string topic)
    {
        await using var plugin = Broker.CreatePlugin();
        for (var number = 0; number < Messages / Keys; number++)
            await Task.WhenAll(Enumerable.Range(0, Keys)
                .Select(key => plugin.Produce(Record(topic, $"key-{key}", $$"""{"key":"key-{{key}}","number":{{number}}}"""), Cancel)));
    }

    static List<Telling> Told(KilledConsumers consumers) =>
    [
        .. consumers.Lines.Select((line, index) => line.Line.Split(' ') is [var partition, var offset, var key, var number]
            ? new Telling(index, line.Process, Number(partition), Number(offset), key, Number(number))
            : throw new InvalidOperationException($"A process has written '{line.Line}'.")),
    ];

    /// <summary>No number is handled before the one before it, and nobody leaves one out.</summary>
    static void AssertInOrder(string key, List<Telling> told)
    {
        Assert.Equal(Enumerable.Range(0, Messages / Keys), told.Select(telling => telling.Number).Distinct());

        foreach (var (one, next) in told.Zip(told.Skip(1)))
            Assert.True(next.Process != one.Process || next.Number <= one.Number + 1, $"{key}: {next} after {one}");
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    static async Task<int> Kept(string database) =>
        await Read(database, "SELECT count(*) FROM Counts", row => row.GetInt32(0)) is [var count] ? count : 0;

    static Task<List<Counted>> ReadKept(string database) =>
        Read(database, "SELECT \"Key\", Number FROM Counts ORDER BY Id", row => new Counted(row.GetString(0), row.GetInt32(1)));

    static async Task<List<T>> Read<T>(string database, string query, Func<SqliteDataReader, T> read)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var found = new List<T>();
        while (await rows.ReadAsync(Cancel))
            found.Add(read(rows));
        return found;
    }

    sealed record Telling(int Line, int Process, int Partition, int Offset, string Key, int Number);
}
