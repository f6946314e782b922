using System.Data;
using MassTransit.SqlTransport.Configuration;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Tells MassTransit's SQL transport to use the broker in the file.</summary>
sealed class SqliteHostSettings : ConfigurationSqlHostSettings
{
    readonly SqliteBroker _broker;
    readonly Receivers _receivers;
    readonly Func<string, ReceiveLimits> _limits;

    public SqliteHostSettings(SqliteBroker broker, Receivers receivers, Func<string, ReceiveLimits> limits)
    {
        _broker = broker;
        _receivers = receivers;
        _limits = limits;
        Host = "localhost";
        Database = broker.Path;
        ConnectionLimit = 1;
        IsolationLevel = IsolationLevel.Serializable;
    }

    public override ConnectionContextFactory CreateConnectionContextFactory(ISqlHostConfiguration configuration) =>
        new SqliteConnectionContextFactory(configuration.HostAddress, _broker, _receivers, _limits);
}
