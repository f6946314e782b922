using System.Collections.Concurrent;

namespace Maestro.Bus.Messaging;

/// <summary>The outages of all that this process depends on: one <see cref="OutageLog"/> for each name.</summary>
public sealed class Outages(TimeProvider time, ILogger<Outages> logger) : IDisposable
{
    readonly ConcurrentDictionary<string, OutageLog> _logs = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, OutageLog> _databases = new(StringComparer.Ordinal);

    /// <summary>Gets the log of one dependency's outages.</summary>
    /// <param name="dependency">Its name as the lines have it, such as <c>RabbitMQ at broker:5672</c>. Few names, none of which comes from
    /// a message.</param>
    public OutageLog Of(string dependency) => _logs.GetOrAdd(dependency, name => new OutageLog(name, time, logger));

    /// <summary>Gets the log of a database's outages.</summary>
    /// <param name="database">Its name as the lines have it, such as <c>PostgreSQL at db:5432</c>.</param>
    public OutageLog OfDatabase(string database) => _databases.GetOrAdd(database, Of);

    /// <summary>Gets the dependencies by name, with what is known of each.</summary>
    public IReadOnlyDictionary<string, OutageState> All =>
        _logs.ToDictionary(entry => entry.Key, entry => entry.Value.State, StringComparer.Ordinal);

    /// <summary>Gets whether a database is away.</summary>
    public bool AnyOfDatabase => _databases.Values.Any(log => log.Reason is not null);

    /// <summary>Tells whether an exception means that a database is away of which the log has a line already.</summary>
    public bool TellOfDatabase(Exception exception) => DatabaseFailures.IsAway(exception) && AnyOfDatabase;

    /// <summary>Ends the lines about all of them.</summary>
    public void Dispose()
    {
        foreach (var log in _logs.Values)
            log.Dispose();
    }
}
