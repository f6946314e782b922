namespace MaestroBus.Messaging;

/// <summary>The bus cannot start as it is configured. The message lists everything that is wrong, and what would be right.</summary>
public sealed class BusConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);
