namespace Maestro.Bus.Messaging;

/// <summary>
/// A message can never be handled as it is. It is not retried: it goes to the dead letters at once, with this message as the reason.
/// </summary>
public sealed class InvalidMessageException(string message, Exception? innerException = null) : Exception(message, innerException);
