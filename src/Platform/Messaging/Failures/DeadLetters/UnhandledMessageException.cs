namespace Maestro.Bus.Messaging;

/// <summary>No consumer has got a message.</summary>
public sealed class UnhandledMessageException(string message) : Exception(message);
