using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>Reads what the stores of both databases select alike.</summary>
static class OutboxReader
{
    /// <summary>
    /// Makes messages of rows: sequence, partition, attempts, message id, ordering key, destination, metadata, body, state.
    /// </summary>
    public static async Task<List<WaitingMessage>> Read(DbDataReader reader, CancellationToken cancellationToken)
    {
        var messages = new List<WaitingMessage>();

        while (await reader.ReadAsync(cancellationToken))
            messages.Add(new WaitingMessage
            {
                Sequence = reader.GetInt64(0),
                Partition = reader.GetInt16(1),
                Attempts = reader.GetInt32(2),
                MessageId = reader.GetGuid(3),
                OrderingKey = reader.GetString(4),
                Destination = reader.GetString(5),
                Metadata = reader.GetFieldValue<byte[]>(6),
                Body = reader.GetFieldValue<byte[]>(7),
                IsParked = reader.GetInt16(8) == (short)MessageState.Parked,
            });

        return messages;
    }
}
