namespace Maestro.Bus.Messaging;

/// <summary>
/// Marks a request that a proxy of <c>Bus:Access:Proxies</c> has forwarded. What authenticates callers sets it as a feature before it reads
/// the proxy's headers.
/// </summary>
public sealed class ForwardedRequest
{
    /// <summary>The mark.</summary>
    public static ForwardedRequest Mark { get; } = new();
}
