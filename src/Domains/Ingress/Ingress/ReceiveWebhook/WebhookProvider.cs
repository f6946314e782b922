namespace MaestroBus.Ingress;

/// <summary>A configured sender of webhooks.</summary>
sealed class WebhookProvider(string name, ISignatureScheme scheme, string tenant, string? tenantHeader)
{
    public string Name => name;

    public ISignatureScheme Scheme => scheme;

    /// <summary>
    /// Finds the tenant that a request's webhook belongs to. No signature covers the header that may name it, so only a configured proxy
    /// is believed.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="problem">Why the request belongs to no tenant, or null if it does.</param>
    /// <returns>The tenant, or null if there is a problem.</returns>
    public string? TenantOf(HttpContext context, out string? problem)
    {
        problem = null;

        if (tenantHeader is null || !context.Request.Headers.TryGetValue(tenantHeader, out var values))
            return tenant;

        if (!context.CameThroughTrustedProxy())
            problem = $"The header {tenantHeader} names a tenant, but the request does not come from a proxy of Bus:Access:Proxies. " +
                "Leave the header out, or list the gateway that sets it there.";
        else if (values is [{ } value] && TenantHeader.IsValid(value))
            return value;
        else
            problem = $"The header {tenantHeader} names no tenant. {TenantHeader.Rule}";

        return null;
    }
}
