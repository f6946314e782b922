namespace MaestroBus.Integration;

/// <summary>
/// An API does not answer, or answers that it cannot now. The queue's policy decides how often and when the call is made again.
/// </summary>
public sealed class ApiUnavailableException(string message, Exception? innerException = null)
    : DependencyUnavailableException(message, innerException);
