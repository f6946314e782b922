using MassTransit.Transports;

namespace Maestro.Bus.Transports.Sqlite;

sealed class SqliteConnectionContextFactory(
    Uri hostAddress, Func<SqliteBroker> broker, Receivers receivers, Func<string, ReceiveLimits> limits)
    : ConnectionContextFactory
{
    protected override ConnectionContext CreateConnection(ITransportSupervisor<ConnectionContext> supervisor) =>
        new SqliteConnectionContext(hostAddress, broker(), receivers, limits, supervisor.Stopped);
}
