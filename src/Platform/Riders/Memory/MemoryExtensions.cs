namespace Maestro.Bus.Riders;

/// <summary>Adds streams in memory to a bus.</summary>
public static class MemoryExtensions
{
    /// <summary>Makes the rider run on streams in memory.</summary>
    public static void UsingMemoryStreams(
        this IRiderRegistrationConfigurator rider, MemoryStreams streams,
        Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure, StreamCapabilities? capabilities = null) =>
        rider.UsingStreams(MemoryPlugin.SchemeName,
            _ => capabilities is { } given ? new MemoryPlugin(streams, given) : new MemoryPlugin(streams), configure);
}
