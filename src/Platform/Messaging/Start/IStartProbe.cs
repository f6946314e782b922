namespace Maestro.Bus.Messaging;

/// <summary>
/// Asks a server that the bus needs, before the start, whether it refuses the host for good: what it says then is told in a line, without
/// the start's log around it. All
/// that are registered are run.
/// </summary>
public interface IStartProbe
{
    /// <summary>Asks once. A server that does not answer within seconds is waited for later.</summary>
    /// <exception cref="BusConfigurationException">It refuses the host, as with a wrong password.</exception>
    Task Run(CancellationToken cancellationToken);
}
