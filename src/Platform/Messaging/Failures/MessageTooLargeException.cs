namespace Maestro.Bus.Messaging;

/// <summary>
/// A message is larger than its broker, or the broker's client, takes. Nothing else is wrong: the same message will be too large the next
/// time, too.
/// </summary>
public sealed class MessageTooLargeException(string message) : Exception(message);
