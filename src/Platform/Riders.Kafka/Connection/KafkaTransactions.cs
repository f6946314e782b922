using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// The transactions of one consumer. The group's generation fences off a member that has lost its partitions. A producer that has got a
/// fatal error, or has given a transaction up, is replaced by one of the same id, which gives up what the broker still has open of it.
/// </summary>
/// <param name="config">Makes the configurations.</param>
/// <param name="id">The id that the broker knows the member's transactions by.</param>
/// <param name="consumer">The consumer.</param>
/// <param name="readAgain">Has the consumer read on from a record.</param>
/// <param name="buffer">How many records may be on their way.</param>
/// <param name="brokers">Tell which topics refuse what is written.</param>
/// <param name="errors">Is told of the client's errors.</param>
/// <param name="logger">Is told of what the client has to say.</param>
sealed class KafkaTransactions(
    KafkaConfig config, string id, IConsumer<byte[], byte[]> consumer, Action<StreamRecord> readAgain, int buffer, KafkaBrokers brokers,
    KafkaErrors errors, ILogger logger) : IDisposable
{
    const int Attempts = 3;

    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    Client? _client;
    bool _isNarrow;

    public IStreamTransaction Begin()
    {
        if (_client is { IsDead: true })
            Drop();

        var client = _client ??= new Client(this);
        client.Begin();
        return new Transaction(this, client);
    }

    public void Dispose() => Drop();

    void Drop()
    {
        _client?.Dispose();
        _client = null;
    }

    sealed class Client : IDisposable
    {
        readonly IProducer<byte[], byte[]> _producer;
        readonly KafkaWriter _writer;
        readonly bool _isNarrow;
        readonly Lazy<Task<string?>> _reason;

        public Client(KafkaTransactions owner)
        {
            _reason = new Lazy<Task<string?>>(() => Reason(owner));
            _isNarrow = owner._isNarrow;
            _producer = new ProducerBuilder<byte[], byte[]>(owner.Config(_isNarrow))
                .SetErrorHandler((_, error) =>
                {
                    owner.Errors.Tell(error);
                    if (error.IsFatal)
                        IsDead = true;
                })
                .SetLogHandler((_, message) => Log.Client(owner.Logger, message.Message))
                .Build();
            _writer = new KafkaWriter(_producer, null, !_isNarrow, owner.Buffer, owner.Logger);

            try
            {
                _producer.InitTransactions(AnswerLimit);
            }
            catch (Exception exception)
            {
                // Nobody else knows of it.
                _writer.Dispose();
                if (exception is KafkaException { Error.Code: ErrorCode.TransactionalIdAuthorizationFailed } refusal)
                    throw owner.Refusal(refusal);
                throw;
            }
        }

        /// <summary>Whether it takes nothing more.</summary>
        public bool IsDead { get; private set; }

        public void Begin()
        {
            try
            {
                _producer.BeginTransaction();
            }
            catch (KafkaException)
            {
                // It is in no state to begin one, whatever that comes from.
                IsDead = true;
                throw;
            }
        }

        /// <summary>Writes a record; <c>false</c> where it was refused as too large together with others.</summary>
        public async Task<bool> TryProduce(OutgoingRecord record, CancellationToken cancellationToken)
        {
            try
            {
                await _writer.Produce(record, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (TooLargeTogetherException)
            {
                // The next client tells whether it is the record's own fault.
                return false;
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal && exception.Error.Code != ErrorCode.TopicAuthorizationFailed)
            {
                // What becomes of a record does not tell why: all of a transaction that has failed are dropped.
                if (await _reason.Value.ConfigureAwait(false) is { } reason)
                    throw new KafkaException(new Error(exception.Error.Code, reason), exception);
                throw;
            }
        }

        public void Commit(IReadOnlyCollection<TopicPartitionOffset> offsets, IConsumerGroupMetadata group)
        {
            if (offsets.Count > 0)
                Repeat(() => _producer.SendOffsetsToTransaction(offsets, group, AnswerLimit));
            Repeat(() => _producer.CommitTransaction(AnswerLimit));
        }

        /// <summary>
        /// Gives the transaction up, and the client with it: what it drops from its queues may be the next transaction's, and it waits for
        /// records that it has lost sight of.
        /// </summary>
        public void Abort()
        {
            IsDead = true;

            try
            {
                Repeat(() => _producer.AbortTransaction(AnswerLimit));
            }
            catch (KafkaException)
            {
                // Its successor gives up what is open.
            }
        }

        public void Kill() => IsDead = true;

        public void Dispose() => _writer.Dispose();

        /// <summary>Why the transaction has failed; none where the client does not know of it.</summary>
        async Task<string?> Reason(KafkaTransactions owner)
        {
            try
            {
                // A client whose transaction has failed answers with the reason; in one that has not, a second cannot begin.
                _producer.BeginTransaction();
            }
            catch (KafkaException failure) when (failure.Error.Code == ErrorCode.TopicAuthorizationFailed)
            {
                return KafkaWriter.NotAllowed(await owner.Refusing(_writer.Topics).ConfigureAwait(false), failure.Error.Reason);
            }
            catch (KafkaException failure) when (failure.Error.Code != ErrorCode.Local_State)
            {
                return $"The transaction has failed: {failure.Error.Reason}.";
            }
            catch (KafkaException)
            {
                // It has not failed yet.
            }

            return null;
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

    KafkaException Refusal(KafkaException refusal) => new(
        new Error(
            refusal.Error.Code,
            $"The broker does not let it write with the transactional id '{id}': {refusal.Error.Reason}. "
            + "Allow its user Write and Describe on the transactional ids that begin with its group's name."),
        refusal);

    /// <summary>Those of the topics that this user may not write to; all of them where the broker does not tell.</summary>
    async Task<IReadOnlyCollection<string>> Refusing(IReadOnlyCollection<string> topics)
    {
        try
        {
            var refusing = (await brokers.Topics(topics, rights: true).ConfigureAwait(false))
                .Where(topic => topic.Error.Code == ErrorCode.TopicAuthorizationFailed
                    || topic.AuthorizedOperations?.Contains(AclOperation.Write) == false)
                .Select(topic => topic.Name).ToList();
            return refusing.Count > 0 ? refusing : topics;
        }
        catch (KafkaException exception)
        {
            Log.Client(logger, exception.Message);
            return topics;
        }
    }

    ProducerConfig Config(bool isNarrow) => config.Transactions(id, isNarrow);

    KafkaErrors Errors => errors;

    ILogger Logger => logger;

    int Buffer => buffer;

    sealed class Transaction(KafkaTransactions owner, Client client) : IStreamTransaction
    {
        volatile bool _isOver;

        public async Task Produce(OutgoingRecord record, CancellationToken cancellationToken)
        {
            // Who comes late must not write into the next one.
            if (_isOver)
                throw new InvalidOperationException($"The transaction in which a record is to be written to '{record.Topic}' is over.");

            if (await client.TryProduce(record, cancellationToken).ConfigureAwait(false))
                return;

            owner._isNarrow = true;
            client.Kill();
            throw new InvalidOperationException(
                $"The topic '{record.Topic}' takes less at once than the transaction writes; its records are written one by one "
                    + "from now on.");
        }

        public void Commit(IReadOnlyCollection<StreamRecord> upTo)
        {
            client.Commit([.. upTo.Select(KafkaRecords.After)], owner.Group);
            _isOver = true;
        }

        public void Abort(IReadOnlyCollection<StreamRecord> from)
        {
            _isOver = true;
            client.Abort();
            foreach (var record in from)
                owner.ReadAgain(record);
        }
    }

    IConsumerGroupMetadata Group => consumer.ConsumerGroupMetadata;

    void ReadAgain(StreamRecord record) => readAgain(record);
}
