namespace Maestro.Bus.Transports.Sqlite;

/// <summary>A suspect whose row is in the bus's file.</summary>
sealed class SqliteSuspect(SqliteBroker broker, Message message, int deaths) : Suspect
{
    public override int Deaths => deaths;

    public override Task Begin(CancellationToken cancellationToken) => broker.NoteAlone(message).WaitAsync(cancellationToken);

    public override Task Pause() => broker.NoteNotAlone(message);

    // Whatever settles the message comes to the writer after this.
    public override Task Clear()
    {
        broker.ForgetSuspect(message);
        return Task.CompletedTask;
    }
}

/// <summary>Knows the suspects among the messages that the broker hands out.</summary>
sealed class SqliteSuspects : ISuspects
{
    public ValueTask<Suspect?> Find(ReceiveContext context) =>
        new(context.TryGetPayload(out SqlMessageContext? sql) && sql.TransportMessage is Message { Suspect: { } suspect } ? suspect : null);
}
