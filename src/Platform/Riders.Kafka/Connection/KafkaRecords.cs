namespace Maestro.Bus.Riders.Kafka;

/// <summary>Turns the engine's records into the client's, and back.</summary>
static class KafkaRecords
{
    public static Message<byte[], byte[]> Message(OutgoingRecord record)
    {
        var headers = new Confluent.Kafka.Headers();
        foreach (var (name, value) in record.Headers)
            headers.Add(name, value);

        return new Message<byte[], byte[]>
        {
            Key = record.Key!,
            Value = record.Value!,
            Headers = headers,
            Timestamp = record.Timestamp is { } timestamp ? new Timestamp(timestamp) : Timestamp.Default,
        };
    }

    public static TopicPartition Target(OutgoingRecord record) => new(record.Topic, record.Partition ?? Confluent.Kafka.Partition.Any);

    public static StreamRecord Record(ConsumeResult<byte[], byte[]> result)
    {
        var message = result.Message;
        var headers = new RecordHeaders(message.Headers?.Count ?? 0);
        if (message.Headers is not null)
        {
            foreach (var header in message.Headers)
                headers.Add(header.Key, header.GetValueBytes());
        }

        return new StreamRecord(
            new StreamPartition(result.Topic, result.Partition.Value), result.Offset.Value, message.Key, message.Value, headers,
            message.Timestamp.UnixTimestampMs);
    }

    public static TopicPartition Partition(StreamRecord record) => new(record.Partition.Topic, record.Partition.Number);

    public static TopicPartitionOffset At(StreamRecord record) => new(Partition(record), record.Offset);

    public static TopicPartitionOffset After(StreamRecord record) =>
        new(record.Partition.Topic, record.Partition.Number, record.Offset + 1);

    public static StreamPartition Partition(TopicPartition partition) => new(partition.Topic, partition.Partition.Value);
}
