using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>Has the listeners hear of dead letters, and what they publish in the outbox.</summary>
sealed partial class DeadLetterListeners(
    IEnumerable<IDeadLetterListener> listeners, IServiceProvider services, TimeProvider time, ILogger<DeadLetterListeners> logger)
{
    /// <summary>Tells of dead letters within the transaction that stores them.</summary>
    /// <returns>The messages that the outbox has to send once the transaction is committed.</returns>
    public async Task<IReadOnlyList<WaitingMessage>> Tell(
        DbConnection connection, DbTransaction transaction, IEnumerable<DeadLetter> letters, CancellationToken cancellationToken)
    {
        List<WaitingMessage> messages = [];

        foreach (var listener in listeners)
        {
            foreach (var letter in letters)
                messages.AddRange(await Tell(listener, letter, cancellationToken));
        }

        if (messages.Count > 0)
            await services.GetRequiredService<IOutboxStore>().Insert(connection, transaction, messages, cancellationToken);
        return messages;
    }

    async Task<IReadOnlyList<WaitingMessage>> Tell(IDeadLetterListener listener, DeadLetter letter, CancellationToken cancellationToken)
    {
        try
        {
            var capture = new OutboxCapture(services, time);
            await listener.Stored(ArrivedLetter.Of(letter), capture.Endpoint, cancellationToken);
            return capture.Messages;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A dead letter that a listener cannot bear must not be lost for it.
            LogNotTold(exception, listener.GetType().Name, letter.MessageId, letter.Queue);
            return [];
        }
    }

    [LoggerMessage(25, LogLevel.Error, "{Listener} has failed to take notice of the dead letter of the message {MessageId} in {Queue}")]
    partial void LogNotTold(Exception exception, string listener, Guid? messageId, string queue);
}
