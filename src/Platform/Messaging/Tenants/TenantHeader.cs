namespace Maestro.Bus.Messaging;

/// <summary>
/// The tenant on every message: a header that follows from the message being handled to those that are sent because of it.
/// </summary>
public static class TenantHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "tenant-id";

    internal const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z";

    /// <summary>What a tenant's id must look like, as a sentence for whoever has given another one.</summary>
    public const string Rule = "Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.";

    /// <summary>
    /// Whether a text can be a tenant's id: 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.
    /// </summary>
    public static bool IsValid(string? tenantId) =>
        tenantId is not null && System.Text.RegularExpressions.Regex.IsMatch(tenantId, Pattern);

    /// <summary>The tenant that a message belongs to; none where nobody has said.</summary>
    public static string? TenantId(this MessageContext context) => context.Headers.Get<string>(Name);

    /// <summary>Says which tenant a message belongs to.</summary>
    public static void SetTenantId(this SendContext context, string tenantId) => context.Headers.Set(Name, tenantId);

    internal static void Propagate(SendContext context, string defaultTenant)
    {
        // What is tried again stays as it came.
        if (context.Headers.TryGetHeader(Name, out _) || GoingBack.Is(context))
            return;

        var tenantId = context.TryGetPayload(out ConsumeContext? consumed) ? consumed.TenantId() : null;
        context.SetTenantId(tenantId ?? defaultTenant);
    }
}
