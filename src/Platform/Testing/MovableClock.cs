namespace Maestro.Bus.Testing;

/// <summary>A clock that stands still until a test moves it.</summary>
public sealed class MovableClock(DateTimeOffset now) : TimeProvider
{
    /// <summary>The time it shows.</summary>
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();
}
