namespace Maestro.Bus.Messaging;

/// <summary>
/// An endpoint's declaration that it shows or changes what belongs to all tenants, so that a caller that is limited to some is refused.
/// </summary>
public sealed class TenantReach
{
    internal static TenantReach All { get; } = new();
}
