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
        var delivery = new Delivery(_room);

        try
        {
            producer.Produce(KafkaRecords.Target(record), KafkaRecords.Message(record), delivery.Report);
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

    sealed class Delivery(SemaphoreSlim room) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Report(DeliveryReport<byte[], byte[]> report)
        {
            room.Release();
            if (report.Error.IsError)
                TrySetException(new KafkaException(report.Error));
            else
                TrySetResult();
        }
    }
}
