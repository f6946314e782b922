using System.Collections.Concurrent;

namespace MaestroBus.Messaging;

/// <summary>The outages of all that this process depends on: one <see cref="OutageLog"/> for each name.</summary>
public sealed class Outages(TimeProvider time, ILogger<Outages> logger) : IDisposable
{
    readonly ConcurrentDictionary<string, OutageLog> _logs = new(StringComparer.Ordinal);

    /// <summary>Gets the log of one dependency's outages.</summary>
    /// <param name="dependency">Its name as the lines have it, such as <c>RabbitMQ at broker:5672</c>. Few names, none of which comes from
    /// a message.</param>
    public OutageLog Of(string dependency) => _logs.GetOrAdd(dependency, name => new OutageLog(name, time, logger));

    /// <summary>Ends the lines about all of them.</summary>
    public void Dispose()
    {
        foreach (var log in _logs.Values)
            log.Dispose();
    }
}
