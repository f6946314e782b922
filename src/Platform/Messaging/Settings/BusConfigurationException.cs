namespace Maestro.Bus.Messaging;

/// <summary>The bus cannot start as it is configured. The message lists everything that is wrong, and what would be right.</summary>
public sealed class BusConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Finds it among an exception and its causes: what is met while the bus is built comes wrapped. A file of settings that the
    /// framework's configuration refuses, as it is not JSON or has a setting twice, counts as one. Returns null if it is not there.
    /// </summary>
    public static BusConfigurationException? In(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is BusConfigurationException problem)
                return problem;
            else if (SettingsFile.Problem(cause) is { } refused)
                return new BusConfigurationException(refused, cause);
        }

        return null;
    }
}
