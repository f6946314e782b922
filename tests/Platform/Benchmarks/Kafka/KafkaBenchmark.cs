using System.Globalization;
using Maestro.Bus.Kafka.Mock;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// What a rider costs on top of its client: writing and reading, reading with an inbox, and writing on in transactions, each beside
/// Confluent.Kafka itself, with the same settings on one broker. The broker is a real one where <see cref="KafkaServer"/> has one.
/// </summary>
static class KafkaBenchmark
{
    const int Usual = 100_000;
    const int WarmUps = 6;
    const int Rounds = 9;
    const int SlowWarmUps = 1;
    const int SlowRounds = 3;

    // Of the records: an inbox commits each to its database, and takes as long for fewer of them.
    const int InTransactions = 5;
    const int WithInbox = 20;

    static readonly string[] Columns =
        ["written/s", "to raw client", "fastest", "to raw client", "read/s", "to raw client", "out of order"];

    /// <summary>
    /// The two take turns, and each reads what the rider has written, so that whatever else the machine does meets both.
    /// </summary>
    /// <param name="choice">How many records to write and read, from 1,000 on; null for the usual number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Report> Run(string? choice, CancellationToken cancellationToken)
    {
        var records = choice is null ? Usual
            : int.TryParse(choice, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1_000 ? number
            : throw new ArgumentException($"'{choice}' is not a number of records. Use a whole number from 1000 on.");
        await using var server = await KafkaServer.Start(cancellationToken);
        var rows = new List<Row>();
        rows.AddRange(await Plain(server, records, cancellationToken));
        rows.AddRange(await Inbox(server, records, cancellationToken));
        rows.AddRange(await Transactions(server, records / InTransactions, cancellationToken));

        return new Report(
            $"{records:#,0} records of 256 bytes of JSON ({records / WithInbox:#,0} with an inbox, {records / InTransactions:#,0} in "
            + $"transactions) on {(server.IsMock ? "a mock cluster" : "a real broker")}, {KafkaLoad.InFlight:#,0} in the air, "
            + $"{KafkaLoad.Keys} keys, concurrency {KafkaLoad.Concurrency}; {Rounds} rounds in turn ({SlowRounds} with an inbox and in "
            + "transactions), their medians, and the fastest of writing, as the client falls into one of the rhythms of its linger by "
            + "chance",
            Columns, rows);
    }

    static async Task<Row[]> Plain(KafkaServer server, int records, CancellationToken cancellationToken)
    {
        var (raw, own) = (new List<KafkaFigures>(), new List<KafkaFigures>());

        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var (load, ownLoad) = (await NewLoad(server, "raw", records), await NewLoad(server, "own", records));
            var rawWritten = await RawKafka.Write(load);
            var ownWritten = await OwnKafka.Write(ownLoad, cancellationToken);
            var (ownRead, disorder) = await OwnKafka.Read(ownLoad, cancellationToken);
            var rawRead = RawKafka.Read(ownLoad);

            if (round < WarmUps)
                continue;

            raw.Add(new KafkaFigures(rawWritten, rawRead, 0));
            own.Add(new KafkaFigures(ownWritten, ownRead, disorder));
            Console.WriteLine(
                $"raw {rawWritten:#,0} written/s, {rawRead:#,0} read/s; rider {ownWritten:#,0} written/s, {ownRead:#,0} read/s, "
                + $"{disorder} out of order");
        }

        return
        [
            new Row("Confluent.Kafka", [Median(raw, round => round.Written), null, raw.Max(round => round.Written), null,
                Median(raw, round => round.Read), null, null]),
            new Row("rider", [
                Median(own, round => round.Written),
                Median(own, round => round.Written) / Median(raw, round => round.Written),
                own.Max(round => round.Written),
                own.Max(round => round.Written) / raw.Max(round => round.Written),
                Median(own, round => round.Read),
                Median(own, round => round.Read) / Median(raw, round => round.Read),
                own.Sum(round => round.Disorder),
            ]),
        ];
    }

    static Task<Row[]> Inbox(KafkaServer server, int records, CancellationToken cancellationToken) => InTurn(
        "read without an inbox", "rider with an inbox",
        async () =>
        {
            // The client has few records in one answer of the broker, which would measure its memory.
            var load = await NewLoad(server, "inbox", records);
            await OwnKafka.Write(load, cancellationToken);
            var own = await OwnKafka.ReadOnce(load with { Records = records / WithInbox }, cancellationToken);
            return (RawKafka.Read(load), own);
        });

    static Task<Row[]> Transactions(KafkaServer server, int records, CancellationToken cancellationToken) => InTurn(
        "in transactions", "rider in transactions",
        async () =>
        {
            var load = await NewLoad(server, "transactions", records);
            await OwnKafka.Write(load, cancellationToken);
            var (results, ownResults) = (await NewLoad(server, "raw-results", records), await NewLoad(server, "own-results", records));
            var own = await OwnKafka.Relay(load, ownResults.Topic, cancellationToken);
            return (await RawKafka.Relay(load, results.Topic), own);
        });

    static async Task<Row[]> InTurn(string rawName, string ownName, Func<Task<(double Raw, (double Rate, int Disorder) Own)>> measure)
    {
        var (raw, own) = (new List<KafkaFigures>(), new List<KafkaFigures>());

        for (var round = 0; round < SlowWarmUps + SlowRounds; round++)
        {
            var (rawRate, (ownRate, disorder)) = await measure();
            if (round < SlowWarmUps)
                continue;

            raw.Add(new KafkaFigures(0, rawRate, 0));
            own.Add(new KafkaFigures(0, ownRate, disorder));
            Console.WriteLine($"{rawName} {rawRate:#,0} read/s; {ownName} {ownRate:#,0} read/s, {disorder} out of order");
        }

        var (rawMedian, ownMedian) = (Median(raw, round => round.Read), Median(own, round => round.Read));
        return
        [
            new Row($"Confluent.Kafka, {rawName}", [null, null, null, null, rawMedian, null, null]),
            new Row(ownName, [null, null, null, null, ownMedian, ownMedian / rawMedian, own.Sum(round => round.Disorder)]),
        ];
    }

    static async Task<KafkaLoad> NewLoad(KafkaServer server, string name, int records)
    {
        var load = new KafkaLoad(server.BootstrapServers, $"{name}-{NewId.NextGuid():n}", records);
        await server.CreateTopic(load.Topic, KafkaLoad.Partitions);
        return load;
    }

    static double Median(List<KafkaFigures> rounds, Func<KafkaFigures, double> figure) =>
        rounds.Select(figure).Order().ElementAt(rounds.Count / 2);

    sealed record KafkaFigures(double Written, double Read, int Disorder);
}
