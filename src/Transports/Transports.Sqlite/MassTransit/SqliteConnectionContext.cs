using System.Collections.Concurrent;
using System.Data;
using MassTransit.Middleware;

namespace MaestroBus.Transports.Sqlite;

/// <summary>One bus's use of the broker.</summary>
sealed class SqliteConnectionContext(Uri hostAddress, SqliteBroker broker, Func<string, ReceiveLimits> limits, CancellationToken stopped)
    : BasePipeContext(stopped), ConnectionContext
{
    readonly ConcurrentDictionary<long, Receiver> _receivers = new();

    public Uri HostAddress => hostAddress;

    public string? Schema => null;

    public IsolationLevel IsolationLevel => IsolationLevel.Serializable;

    public ClientContext CreateClientContext(CancellationToken cancellationToken) => new SqliteClientContext(this, broker, limits, cancellationToken);

    /// <summary>The receiver that the endpoint on its queue waits for from now on.</summary>
    public void Attach(Receiver receiver) => _receivers[receiver.Queue.Id] = receiver;

    public void Detach(Receiver receiver) => _receivers.TryRemove(KeyValuePair.Create(receiver.Queue.Id, receiver));

    public Task DelayUntilMessageReady(long queueId, TimeSpan timeout, CancellationToken cancellationToken) =>
        _receivers.TryGetValue(queueId, out var receiver) ? receiver.Wait(cancellationToken) : Task.Delay(timeout, cancellationToken);

    public Task<ISqlTransportConnection> CreateConnection(CancellationToken cancellationToken) => throw NoConnection();

    public Task<T> Query<T>(Func<IDbConnection, IDbTransaction, Task<T>> callback, CancellationToken cancellationToken) => throw NoConnection();

    NotSupportedException NoConnection() =>
        new($"The bus's file {broker.Path} has one writer, which shares its transactions with nobody. Send and publish instead.");
}
