namespace Maestro.Bus.Riders;

/// <summary>Writes to topics what has waited in the outbox.</summary>
sealed class TopicOutboxTransport(Func<StreamRider> rider, string scheme, TimeProvider time) : IOutboxTransport
{
    public bool Knows(Uri destination) => destination.Scheme == scheme && destination.Host == TopicNames.Host;

    public Task Send(IOutboxMessage message, Uri destination, CancellationToken cancellationToken)
    {
        var transport = rider().Transport(TopicNames.Of(destination));
        var context = new StreamSendContext<StoredMessage>(StoredMessage.Instance, cancellationToken)
        {
            DestinationAddress = destination,
            Serialization = transport.Serialization,
        };
        message.CopyTo(context, time);
        // Whoever edits a dead letter may give it a value.
        context.IsTombstone &= message.Body.Length == 0;
        if (context.Headers.Get<string>(StreamHeaders.Group) is { } group)
            GoBack(context.Headers, group);
        if (context.TryGetPayload(out ReceivedContent? received) && received.Properties.ContainsKey(RecordDeadLetter.AllHeaders))
            context.AllHeaders = RecordDeadLetter.SentAgain(received, context.Headers, message.MessageId);

        return transport.Write(context, null);
    }

    /// <summary>A dead letter begins anew, for the group that could not handle it.</summary>
    static void GoBack(SendHeaders headers, string group)
    {
        foreach (var name in headers.GetAll().Select(header => header.Key).Where(StreamHeaders.AreOfRecord).ToList())
            headers.Set(name, null);

        headers.Set(StreamHeaders.For, group);
    }

    /// <summary>Stands for a message of whatever type: its bytes are there already.</summary>
    sealed class StoredMessage
    {
        public static StoredMessage Instance { get; } = new();
    }
}
