namespace Maestro.Bus.Access;

/// <summary>An address sends so many wrong keys or tokens that this one is not even held.</summary>
sealed class TooManyAttemptsException(TimeSpan retryAfter) : Exception("Too many wrong keys or tokens come from your address.")
{
    public TimeSpan RetryAfter => retryAfter;
}

/// <summary>The OpenID Connect provider could not be asked for its keys.</summary>
sealed class ProviderAwayException(Exception innerException)
    : Exception("The OpenID Connect provider does not answer, so tokens cannot be checked.", innerException);
