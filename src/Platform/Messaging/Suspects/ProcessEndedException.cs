namespace Maestro.Bus.Messaging;

/// <summary>The process ended each time it handled a message.</summary>
public sealed class ProcessEndedException()
    : Exception("The process ended three times while it handled this message: once beside others, and twice while it handled nothing else.")
{
    /// <summary>How many processes have ended: the first beside other messages, the rest with this one alone.</summary>
    internal const int Deaths = Suspect.DeathLimit + 1;
}
