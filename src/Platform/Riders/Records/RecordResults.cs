namespace Maestro.Bus.Riders;

/// <summary>
/// Keeps what a record's consumer writes until it has handled the record: of an attempt that fails nothing may be part of the transaction.
/// </summary>
sealed class RecordResults(IStreamTransaction transaction)
{
    readonly Lock _gate = new();
    readonly List<OutgoingRecord> _records = [];

    public void Add(OutgoingRecord record)
    {
        lock (_gate)
            _records.Add(record);
    }

    public void Clear()
    {
        lock (_gate)
            _records.Clear();
    }

    public Task Write() => Task.WhenAll(_records.Select(record => transaction.Produce(record, CancellationToken.None)));
}
