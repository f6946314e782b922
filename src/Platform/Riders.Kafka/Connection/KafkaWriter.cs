using System.Collections.Concurrent;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Writes records. The client's own thread tells of their fate; nothing waits on a thread meanwhile. A topic's limit is for all records
/// that are sent to a partition at once, and the client sends many: those that are refused together are written again one by one, before
/// anybody is told, and so are all others of the topic from then on.
/// </summary>
/// <param name="producer">Writes many at a time.</param>
/// <param name="lone">Makes one that writes one at a time; none where <paramref name="producer"/> has to do, whose refusals are told
/// then.</param>
/// <param name="writesMany">Whether <paramref name="producer"/> sends many at once.</param>
/// <param name="buffer">How many records may be on their way.</param>
/// <param name="logger">Is told of topics that take less than the producer sends.</param>
sealed class KafkaWriter(
    IProducer<byte[], byte[]> producer, Func<IProducer<byte[], byte[]>>? lone, bool writesMany, int buffer, ILogger logger)
    : IDisposable
{
    static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    // The client would refuse a record that its queue has no room for. Who waits here comes in its turn.
    readonly SemaphoreSlim _room = new(buffer);
    readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    readonly Lazy<IProducer<byte[], byte[]>>? _lone = lone is null ? null : new(lone);

    /// <summary>The topics that were written to.</summary>
    public IReadOnlyCollection<string> Topics => [.. _topics.Keys];

    public async Task Produce(OutgoingRecord record, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        var delivery = new Delivery(this, record);

        try
        {
            _topics.GetOrAdd(record.Topic, static (_, writer) => new Topic(writer), this).Send(delivery);
        }
        catch (KafkaException exception)
        {
            _room.Release();
            throw Refusal(record, exception.Error);
        }
        catch (Exception)
        {
            _room.Release();
            throw;
        }

        await delivery.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (_lone is { IsValueCreated: true })
        {
            _lone.Value.Flush(FlushLimit);
            _lone.Value.Dispose();
        }

        producer.Flush(FlushLimit);
        producer.Dispose();
        _room.Dispose();
    }

    static bool IsTooLarge(Error error) =>
        error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize;

    static Exception Refusal(OutgoingRecord record, Error error) => IsTooLarge(error)
        ? new MessageTooLargeException(
            $"A record for the topic '{record.Topic}' is too large, with a value of {record.Value?.Length ?? 0} bytes and its headers: "
            + $"{error.Reason.TrimEnd('.')}. "
            + "Send less, or raise the topic's max.message.bytes, that of the topics of its retries and dead letters, and "
            + "Bus:Kafka:Properties:message.max.bytes.")
        : new KafkaException(new Error(
            error.Code,
            error.Code == ErrorCode.TopicAuthorizationFailed ? NotAllowed([record.Topic], error.Reason)
                : $"The topic '{record.Topic}' has not taken a record: {error.Reason}",
            error.IsFatal));

    /// <summary>Says that a user may not write to topics, and what is missing.</summary>
    public static string NotAllowed(IEnumerable<string> topics, string reason) =>
        $"The broker does not let it write to {string.Join(", ", topics.Select(topic => $"'{topic}'"))}: {reason.TrimEnd('.')}. "
        + "Allow its user Write and Describe there.";

    /// <summary>What is on its way to one topic.</summary>
    sealed class Topic(KafkaWriter writer)
    {
        readonly Lock _lock = new();
        readonly Queue<Delivery> _waiting = new();
        int _together;
        bool _isNarrow;

        public void Send(Delivery delivery)
        {
            if (writer._lone is null)
            {
                delivery.Produce(writer.Producer, writer.WritesMany ? delivery.ReportOfMany : delivery.Report);
                return;
            }

            lock (_lock)
            {
                if (_isNarrow)
                {
                    // What was given to the other producer comes first.
                    if (_together > 0)
                        _waiting.Enqueue(delivery);
                    else
                        delivery.Produce(writer._lone.Value, delivery.Report);
                    return;
                }

                delivery.Produce(writer.Producer, report => Report(delivery, report));
                _together++;
            }
        }

        void Report(Delivery delivery, DeliveryReport<byte[], byte[]> report)
        {
            lock (_lock)
            {
                _together--;

                // One that the client itself refuses was alone.
                if (IsTooLarge(report.Error) && !report.Error.IsLocalError)
                {
                    if (!_isNarrow)
                        Log.Narrow(writer.Logger, delivery.Record.Topic);
                    _isNarrow = true;
                    SendAlone(delivery);
                }
                else
                {
                    delivery.Report(report);
                }

                while (_together == 0 && _waiting.TryDequeue(out var next))
                    SendAlone(next);
            }
        }

        void SendAlone(Delivery delivery)
        {
            try
            {
                delivery.Produce(writer._lone!.Value, delivery.Report);
            }
            catch (Exception exception)
            {
                // Whatever it is, whoever waits for the record is told.
                delivery.Fail(exception is KafkaException refused ? Refusal(delivery.Record, refused.Error) : exception);
            }
        }
    }

    IProducer<byte[], byte[]> Producer => producer;

    ILogger Logger => logger;

    bool WritesMany => writesMany;

    sealed class Delivery(KafkaWriter writer, OutgoingRecord record)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public OutgoingRecord Record => record;

        public void Produce(IProducer<byte[], byte[]> by, Action<DeliveryReport<byte[], byte[]>> report) =>
            by.Produce(KafkaRecords.Target(record), KafkaRecords.Message(record), report);

        // One that the client itself refuses is not reported, but thrown.
        public void ReportOfMany(DeliveryReport<byte[], byte[]> report)
        {
            if (IsTooLarge(report.Error))
                Fail(new TooLargeTogetherException(record.Topic));
            else
                Report(report);
        }

        public void Report(DeliveryReport<byte[], byte[]> report)
        {
            if (report.Error.IsError)
            {
                Fail(Refusal(record, report.Error));
                return;
            }

            writer._room.Release();
            TrySetResult();
        }

        public void Fail(Exception exception)
        {
            writer._room.Release();
            TrySetException(exception);
        }
    }
}
