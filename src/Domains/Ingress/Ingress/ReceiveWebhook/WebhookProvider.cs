namespace MaestroBus.Ingress;

/// <summary>A configured sender of webhooks.</summary>
sealed class WebhookProvider(string name, ISignatureScheme scheme, string tenant, string? tenantHeader)
{
    public string Name => name;

    public ISignatureScheme Scheme => scheme;

    public string? TenantHeaderName => tenantHeader;

    /// <summary>The tenant that a request's webhook belongs to; none where the request names one that cannot be a tenant.</summary>
    public string? TenantOf(IHeaderDictionary headers)
    {
        if (tenantHeader is null || !headers.TryGetValue(tenantHeader, out var values))
            return tenant;

        return values is [{ } value] && TenantHeader.IsValid(value) ? value : null;
    }
}
