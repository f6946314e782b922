namespace MaestroBus.Riders.Kafka;

/// <summary>Writes records. The client's own thread tells of their fate; nothing waits on a thread meanwhile.</summary>
sealed class KafkaWriter(IProducer<byte[], byte[]> producer, int buffer) : IDisposable
{
    static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(10);

    // The client would refuse a record that its queue has no room for. Who waits here comes in its turn.
    readonly SemaphoreSlim _room = new(buffer);

    public async Task Produce(OutgoingRecord record, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        var delivery = new Delivery(record, _room);

        try
        {
            producer.Produce(KafkaRecords.Target(record), KafkaRecords.Message(record), delivery.Report);
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
        producer.Flush(FlushLimit);
        producer.Dispose();
        _room.Dispose();
    }

    static Exception Refusal(OutgoingRecord record, Error error) => error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize
        ? new MessageTooLargeException(
            $"A record for the topic '{record.Topic}' is too large, with a value of {record.Value?.Length ?? 0} bytes and its headers: {error.Reason.TrimEnd('.')}. "
            + "Send less, or raise the topic's max.message.bytes and Bus:Kafka:Properties:message.max.bytes.")
        : new KafkaException(new Error(error.Code, $"The topic '{record.Topic}' has not taken a record: {error.Reason}", error.IsFatal));

    sealed class Delivery(OutgoingRecord record, SemaphoreSlim room) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Report(DeliveryReport<byte[], byte[]> report)
        {
            room.Release();
            if (report.Error.IsError)
                TrySetException(Refusal(record, report.Error));
            else
                TrySetResult();
        }
    }
}
