using System.Data;
using MassTransit.Middleware;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>One bus's use of the broker.</summary>
sealed class SqliteConnectionContext(
    Uri hostAddress, SqliteBroker broker, Receivers receivers, Func<string, ReceiveLimits> limits, CancellationToken stopped)
    : BasePipeContext(stopped), ConnectionContext
{
    public Uri HostAddress => hostAddress;

    public string? Schema => null;

    public IsolationLevel IsolationLevel => IsolationLevel.Serializable;

    public ClientContext CreateClientContext(CancellationToken cancellationToken) =>
        new SqliteClientContext(this, broker, receivers, limits, cancellationToken);

    public Task DelayUntilMessageReady(long queueId, TimeSpan timeout, CancellationToken cancellationToken) =>
        receivers.Of(queueId) is { } receiver ? receiver.Wait(cancellationToken) : Task.Delay(timeout, cancellationToken);

    public Task<ISqlTransportConnection> CreateConnection(CancellationToken cancellationToken) => throw NoConnection();

    public Task<T> Query<T>(Func<IDbConnection, IDbTransaction, Task<T>> callback, CancellationToken cancellationToken) =>
        throw NoConnection();

    NotSupportedException NoConnection() =>
        new($"The bus's file {broker.Path} has one writer, which shares its transactions with nobody. Send and publish instead.");
}
