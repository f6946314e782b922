namespace Maestro.Bus.Riders;

/// <summary>A record's bytes are no message. It goes to the dead letters at once: they will not be one the next time either.</summary>
public sealed class UnreadableRecordException(string message, Exception? inner = null)
    : System.Runtime.Serialization.SerializationException(message, inner);
