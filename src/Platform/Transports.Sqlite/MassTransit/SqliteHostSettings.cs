using System.Data;
using MassTransit.SqlTransport.Configuration;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Tells MassTransit's SQL transport to use the broker in the file, which is opened when the bus connects.</summary>
sealed class SqliteHostSettings : ConfigurationSqlHostSettings
{
    readonly Func<SqliteBroker> _broker;
    readonly Receivers _receivers;
    readonly Func<string, ReceiveLimits> _limits;

    public SqliteHostSettings(string path, Func<SqliteBroker> broker, Receivers receivers, Func<string, ReceiveLimits> limits)
    {
        _broker = broker;
        _receivers = receivers;
        _limits = limits;
        Host = "localhost";
        Database = path;
        ConnectionLimit = 1;
        IsolationLevel = IsolationLevel.Serializable;
    }

    public override ConnectionContextFactory CreateConnectionContextFactory(ISqlHostConfiguration configuration) =>
        new SqliteConnectionContextFactory(configuration.HostAddress, _broker, _receivers, _limits);
}
