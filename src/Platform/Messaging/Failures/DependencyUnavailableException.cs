namespace MaestroBus.Messaging;

/// <summary>
/// What a consumer depends on is down or says that it cannot now: the message may well be handled later. Enough of them in a row open the queue's circuit breaker.
/// </summary>
public class DependencyUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
