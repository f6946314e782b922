using MaestroBus.Kafka.Mock;

namespace MaestroBus.Benchmarks;

/// <summary>What a rider costs on top of its client: writing and reading by <c>ITopicProducer</c> and a consumer, and by Confluent.Kafka itself, with the same settings on one broker.</summary>
static class KafkaBenchmark
{
    const int WarmUps = 6;
    const int Rounds = 9;

    static readonly string[] Columns = ["written/s", "to raw client", "fastest", "to raw client", "read/s", "to raw client", "out of order"];

    /// <summary>The two take turns, and each reads what the rider has written, so that whatever else the machine does meets both.</summary>
    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var server = await KafkaServer.Start(cancellationToken);
        var (raw, own) = (new List<KafkaFigures>(), new List<KafkaFigures>());

        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var load = new KafkaLoad(server.BootstrapServers, $"raw-{NewId.NextGuid():n}");
            var ownLoad = load with { Topic = $"own-{NewId.NextGuid():n}" };
            await server.CreateTopic(load.Topic, KafkaLoad.Partitions);
            await server.CreateTopic(ownLoad.Topic, KafkaLoad.Partitions);

            var rawWritten = await RawKafka.Write(load);
            var ownWritten = await OwnKafka.Write(ownLoad, cancellationToken);
            var (ownRead, disorder) = await OwnKafka.Read(ownLoad, cancellationToken);
            var rawRead = RawKafka.Read(ownLoad);

            if (round < WarmUps)
                continue;

            raw.Add(new KafkaFigures(rawWritten, rawRead, 0));
            own.Add(new KafkaFigures(ownWritten, ownRead, disorder));
            Console.WriteLine($"raw {rawWritten:#,0} written/s, {rawRead:#,0} read/s; rider {ownWritten:#,0} written/s, {ownRead:#,0} read/s, {disorder} out of order");
        }

        return new Report(
            $"{KafkaLoad.Records:#,0} records of 256 bytes of JSON, {KafkaLoad.InFlight:#,0} in the air, {KafkaLoad.Keys} keys, concurrency {KafkaLoad.Concurrency}; {Rounds} rounds in turn, "
            + "their medians, and the fastest of writing, as the client falls into one of the rhythms of its linger by chance",
            Columns,
            [
                new Row("Confluent.Kafka", [Median(raw, round => round.Written), null, raw.Max(round => round.Written), null, Median(raw, round => round.Read), null, null]),
                new Row("rider", [
                    Median(own, round => round.Written),
                    Median(own, round => round.Written) / Median(raw, round => round.Written),
                    own.Max(round => round.Written),
                    own.Max(round => round.Written) / raw.Max(round => round.Written),
                    Median(own, round => round.Read),
                    Median(own, round => round.Read) / Median(raw, round => round.Read),
                    own.Sum(round => round.Disorder),
                ]),
            ]);
    }

    static double Median(List<KafkaFigures> rounds, Func<KafkaFigures, double> figure) => rounds.Select(figure).Order().ElementAt(rounds.Count / 2);

    sealed record KafkaFigures(double Written, double Read, int Disorder);
}
