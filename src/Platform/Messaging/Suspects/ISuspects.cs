namespace Maestro.Bus.Messaging;

/// <summary>Knows which of an endpoint's messages were in work when a process ended without stopping.</summary>
public interface ISuspects
{
    /// <summary>Looks a received message up. Returns null, at once, for nearly all messages.</summary>
    ValueTask<Suspect?> Find(ReceiveContext context);
}
