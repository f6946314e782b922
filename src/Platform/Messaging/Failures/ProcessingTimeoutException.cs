namespace Maestro.Bus.Messaging;

/// <summary>A message was worked on for longer than its queue's <see cref="QueuePolicy.ProcessingTimeout"/> allows.</summary>
public sealed class ProcessingTimeoutException(string message, Exception? innerException) : TimeoutException(message, innerException);
