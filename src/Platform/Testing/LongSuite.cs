namespace Maestro.Bus.Testing;

/// <summary>
/// The long suite: chaos, fuzz and outage tests at the size that a release needs. Without it they run at a size that a build can afford.
/// </summary>
public static class LongSuite
{
    /// <summary>The environment variable that switches it on with the value <c>1</c>.</summary>
    public const string Variable = "BUS_TEST_LONG";

    /// <summary>Gets whether the long suite is on.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Chooses a test's size.</summary>
    /// <param name="usual">The size in a build.</param>
    /// <param name="full">The size in the long suite.</param>
    public static int Size(int usual, int full) => IsOn ? full : usual;
}
