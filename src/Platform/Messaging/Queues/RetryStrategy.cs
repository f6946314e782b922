namespace Maestro.Bus.Messaging;

/// <summary>How the delay grows from one retry to the next.</summary>
public enum RetryStrategy
{
    /// <summary>The first delay each time.</summary>
    Fixed,

    /// <summary>The delay is multiplied each time.</summary>
    Exponential,

    /// <summary>The delay grows as the Fibonacci numbers 1, 1, 2, 3, 5, …</summary>
    Fibonacci,
}
