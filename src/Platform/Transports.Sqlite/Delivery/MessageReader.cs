namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Makes messages of rows.</summary>
static class MessageReader
{
    /// <summary>What a statement must select; its conditions follow.</summary>
    public const string Columns = """
        d.priority, d.message_id, d.enqueued, d.expires, d.delivery_count, d.partition_key, d.transport_headers, m.deliveries,
        m.transport_message_id, m.message_id, m.correlation_id, m.conversation_id, m.request_id, m.initiator_id,
        m.source_address, m.destination_address, m.response_address, m.fault_address, m.sent_time, m.routing_key, m.content_type,
        m.message_type, m.headers, m.host, m.body
        FROM delivery d CROSS JOIN message m ON m.id = d.message_id
        """;

    public static List<Message> Read(Statement rows, BrokerQueue queue)
    {
        var messages = new List<Message>();
        while (rows.Step())
            messages.Add(ReadRow(rows, queue));

        return messages;
    }

    static Message ReadRow(Statement row, BrokerQueue queue)
    {
        var expires = row.LongOrNull(3);

        return new Message
        {
            QueueId = queue.Id,
            QueueName = queue.Name,
            Priority = (short)row.Long(0),
            MessageDeliveryId = row.Long(1),
            EnqueueTime = Clock.ToDateTime(row.Long(2)),
            Expires = expires,
            ExpirationTime = expires is { } moment ? Clock.ToDateTime(moment) : null,
            DeliveryCount = (int)row.Long(4),
            PartitionKey = row.Text(5),
            TransportHeaders = row.Text(6),
            Deliveries = (int)row.Long(7),
            TransportMessageId = row.Id(8)!.Value,
            MessageId = row.Id(9),
            CorrelationId = row.Id(10),
            ConversationId = row.Id(11),
            RequestId = row.Id(12),
            InitiatorId = row.Id(13),
            SourceAddress = Address(row.Text(14)),
            DestinationAddress = Address(row.Text(15)),
            ResponseAddress = Address(row.Text(16)),
            FaultAddress = Address(row.Text(17)),
            SentTime = row.LongOrNull(18) is { } sent ? Clock.ToDateTime(sent) : null,
            RoutingKey = row.Text(19),
            ContentType = row.Text(20),
            MessageType = row.Text(21),
            Headers = row.Text(22),
            Host = row.Text(23),
            BinaryBody = row.Bytes(24),
        };
    }

    static Uri? Address(string? text) => text is null ? null : new Uri(text);
}
