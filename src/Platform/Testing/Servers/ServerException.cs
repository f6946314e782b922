using Xunit.v3;

namespace Maestro.Bus.Testing;

/// <summary>A server that a test needs is not there.</summary>
public sealed class ServerException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// The server is not installed: a test that ends with this is reported as skipped, with the command that installs the server.
    /// </summary>
    public static ServerException Missing(string name, string install, Exception? innerException = null) =>
        new($"{DynamicSkipToken.Value}{name} is not installed. Run: {install}", innerException);
}
