using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>A record that ends its process, in real processes.</summary>
public sealed class ProcessEndTests(KafkaBroker broker) : RiderScenario<KafkaBroker>(broker)
{
    const int Keys = 8;
    const int Records = 80;
    const int Poison = 30;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_record_that_ends_its_process_is_a_dead_letter_after_three_deaths_and_all_others_are_handled()
    {
        var topic = NewTopic();
        using var folder = new TemporaryFolder();
        var database = folder.At("state.db");
        await using (var plugin = Broker.CreatePlugin())
        {
            for (var number = 0; number < Records; number++)
                await plugin.Produce(
                    Record(topic, $"key-{number % Keys}",
                        $$"""{"key":"key-{{number % Keys}}","number":{{number}},"ends":{{(number == Poison ? "true" : "false")}}}"""),
                        Cancel);
        }

        ConcurrentQueue<string> lines = new();
        var process = Start(["ending", Broker.Settings.BootstrapServers, topic, database], lines);
        var deaths = 0;

        try
        {
            await Eventually.True(
                async () =>
                {
                    if (process.HasExited)
                    {
                        deaths++;
                        await process.DisposeAsync();
                        process = Start(["ending", Broker.Settings.BootstrapServers, topic, database], lines);
                    }

                    return await Read(database, "SELECT count(DISTINCT Number) FROM Counts") == $"{Records - 1}"
                        && await Read(database, "SELECT count(*) FROM dead_letter") != "0";
                },
                Patience, "the dead letter and all other records", Cancel);
        }
        finally
        {
            await process.DisposeAsync();
        }

        Assert.Equal(
            "1 process-ended 3", await Read(database, "SELECT count(*) || ' ' || max(reason) || ' ' || max(attempts) FROM dead_letter"));
        Assert.Equal((3, 3), (deaths, lines.Count(line => line == $"begins {Poison}")));
    }

    static ServerProcess Start(string[] arguments, ConcurrentQueue<string> lines) =>
        ServerProcess.StartChild("The host", typeof(ChaosHost).Assembly, arguments, said: lines.Enqueue);

    static async Task<string?> Read(string database, string query)
    {
        if (!File.Exists(database))
            return null;

        try
        {
            await using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
            await connection.OpenAsync(Cancel);
            await using var command = connection.CreateCommand();
            command.CommandText = query;
            return $"{await command.ExecuteScalarAsync(Cancel)}";
        }
        catch (SqliteException)
        {
            // The process has not made its tables yet.
            return null;
        }
    }
}
