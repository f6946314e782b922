namespace MaestroBus.Messaging;

/// <summary>The bus cannot start as it is configured. The message lists everything that is wrong, and what would be right.</summary>
public sealed class BusConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Finds it among an exception and its causes: what is met while the bus is built comes wrapped. Returns null if it is not there.
    /// </summary>
    public static BusConfigurationException? In(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is BusConfigurationException problem)
                return problem;

        return null;
    }
}
