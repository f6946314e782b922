namespace MaestroBus.Riders.Kafka;

/// <summary>The transactions of one consumer. The group's generation fences off a member that has lost its partitions, so that each member has an id of its own.</summary>
sealed class KafkaTransactions : IDisposable
{
    const int Attempts = 5;

    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    readonly IConsumer<byte[], byte[]> _consumer;
    readonly KafkaWriter _writer;
    readonly IProducer<byte[], byte[]> _producer;

    public KafkaTransactions(KafkaConfig config, StreamSubscription subscription, IConsumer<byte[], byte[]> consumer, int buffer)
    {
        _consumer = consumer;
        _producer = new ProducerBuilder<byte[], byte[]>(config.Transactions($"{subscription.Group}-{NewId.NextGuid():n}")).Build();
        _writer = new KafkaWriter(_producer, buffer);
        _producer.InitTransactions(AnswerLimit);
    }

    public IStreamTransaction Begin()
    {
        _producer.BeginTransaction();
        return new Transaction(this);
    }

    public void Dispose() => _writer.Dispose();

    sealed class Transaction(KafkaTransactions owner) : IStreamTransaction
    {
        public Task Produce(OutgoingRecord record, CancellationToken cancellationToken) => owner._writer.Produce(record, cancellationToken);

        public void Commit(IReadOnlyCollection<StreamRecord> upTo)
        {
            Repeat(() => owner._producer.SendOffsetsToTransaction(upTo.Select(KafkaRecords.After), owner._consumer.ConsumerGroupMetadata, AnswerLimit));
            Repeat(() => owner._producer.CommitTransaction(AnswerLimit));
        }

        public void Abort()
        {
            Repeat(() => owner._producer.AbortTransaction(AnswerLimit));

            // What was read since the last commit is read again.
            var assigned = owner._consumer.Assignment;
            foreach (var committed in owner._consumer.Committed(assigned, AnswerLimit))
                owner._consumer.Seek(new TopicPartitionOffset(committed.TopicPartition, committed.Offset == Offset.Unset ? Offset.Beginning : committed.Offset));
        }

        /// <summary>Calls again what the client says may be called again, such as while the coordinator moves.</summary>
        static void Repeat(Action call)
        {
            for (var left = Attempts; ; left--)
            {
                try
                {
                    call();
                    return;
                }
                catch (KafkaRetriableException) when (left > 1)
                {
                    // The client waits by itself before it asks again.
                }
            }
        }
    }
}
