namespace Maestro.Bus.Testing;

/// <summary>A server that a test needs is not there.</summary>
public sealed class ServerException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The server is not installed.</summary>
    public static ServerException Missing(string name, string install, Exception? innerException = null) =>
        new($"{name} is not installed. Run: {install}", innerException);
}
