using System.Collections.Concurrent;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>What the brokers tell about topics and groups.</summary>
sealed class KafkaBrokers(Renewable<IAdminClient> admin)
{
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>The topics that were made again while a group read them, and are to be read from their beginning.</summary>
    public ConcurrentDictionary<(string Group, string Topic), bool> Remade { get; } = new();

    /// <summary>Describes topics; each is there, or has an error.</summary>
    /// <param name="names">The topics.</param>
    /// <param name="rights">Whether to tell what this user may do with them, too.</param>
    public Task<IReadOnlyList<TopicDescription>> Topics(IReadOnlyCollection<string> names, bool rights = false) => admin.Use(async client =>
    {
        try
        {
            var result = await client.DescribeTopicsAsync(
                TopicCollection.OfTopicNames(names),
                new DescribeTopicsOptions { RequestTimeout = AnswerLimit, IncludeAuthorizedOperations = rights }).ConfigureAwait(false);
            return (IReadOnlyList<TopicDescription>)result.TopicDescriptions;
        }
        catch (DescribeTopicsException exception)
        {
            // Some are there, and some are not.
            return exception.Results.TopicDescriptions;
        }
    });

    /// <summary>The offsets of a place in partitions, whatever transactions are open.</summary>
    public Dictionary<TopicPartition, long> Offsets(IEnumerable<TopicPartition> partitions, OffsetSpec place) => admin.Use(async client =>
    {
        var result = await client.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = place }),
            new ListOffsetsOptions { RequestTimeout = AnswerLimit, IsolationLevel = IsolationLevel.ReadUncommitted }).ConfigureAwait(false);
        return result.ResultInfos.Select(info => info.TopicPartitionOffsetError).ToDictionary(
            offset => offset.TopicPartition, offset => offset.Offset.Value);
    }).GetAwaiter().GetResult();

    /// <summary>What a group has committed, of whatever topic.</summary>
    public IReadOnlyList<TopicPartition> Committed(string group) => admin.Use(async client =>
    {
        var results = await client.ListConsumerGroupOffsetsAsync(
            [new ConsumerGroupTopicPartitions(group, null)], new ListConsumerGroupOffsetsOptions { RequestTimeout = AnswerLimit })
            .ConfigureAwait(false);
        return (IReadOnlyList<TopicPartition>)[.. results.SelectMany(result => result.Partitions)
            .Where(offset => offset.Offset != Offset.Unset).Select(offset => offset.TopicPartition)];
    }).GetAwaiter().GetResult();
}
