namespace Maestro.Bus.Messaging;

/// <summary>
/// Holds what has ended a start that nobody can wait for, such as a login that a broker refuses: the host ends with it, as with wrong
/// settings.
/// </summary>
public sealed class StartFailure
{
    /// <summary>What has ended the start; null if nothing has.</summary>
    public BusConfigurationException? Exception { get; private set; }

    /// <summary>Notes what ends the start. The first one stays.</summary>
    public void Set(BusConfigurationException exception) => Exception ??= exception;
}
