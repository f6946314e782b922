using System.Text;

namespace Maestro.Bus.Persistence;

/// <summary>Cancels scheduled messages in their turn: a cancellation is in the outbox behind the message that it is for.</summary>
sealed class ScheduleCancellation(IServiceScopeFactory scopes) : IOutboxTransport
{
    const string Scheme = "cancel-schedule";

    static readonly Uri Address = new($"{Scheme}:message");

    public static WaitingMessage Of(Uri destination, Guid token)
    {
        var key = token.ToString("n");
        return new WaitingMessage
        {
            OrderingKey = key,
            Partition = OutboxPartitions.Of(key),
            Destination = Address.AbsoluteUri,
            MessageId = token,
            Metadata = "{}"u8.ToArray(),
            Body = Encoding.UTF8.GetBytes(destination.AbsoluteUri),
        };
    }

    public bool Knows(Uri destination) => destination.Scheme == Scheme;

    public async Task Send(IOutboxMessage message, Uri destination, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredKeyedService<IMessageScheduler>(typeof(ScheduleCancellation))
            .CancelScheduledSend(new Uri(Encoding.UTF8.GetString(message.Body)), message.MessageId, cancellationToken);
    }
}
