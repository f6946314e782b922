namespace MaestroBus.Ingress;

/// <summary>The senders that webhooks are taken from.</summary>
sealed class WebhookProviders
{
    static readonly TimeSpan DefaultTolerance = TimeSpan.FromMinutes(5);

    readonly Dictionary<string, WebhookProvider> _providers = new(StringComparer.OrdinalIgnoreCase);

    public WebhookProviders(IngressSettings settings, TimeProvider time, BusSettings? bus = null)
    {
        var defaultTenant = (bus ?? new BusSettings()).DefaultTenant;

        foreach (var (name, provider) in settings.Providers)
        {
            // Configuration names are not case-sensitive, but a message's id is: every instance must make the same one.
            var lowerName = name.ToLowerInvariant();
            _providers[lowerName] = new WebhookProvider(
                lowerName, Scheme(provider, time), provider.Tenant ?? defaultTenant, provider.TenantHeader);
        }
    }

    public WebhookProvider? Find(string name) => _providers.GetValueOrDefault(name);

    static ISignatureScheme Scheme(ProviderSettings provider, TimeProvider time)
    {
        var secrets = new SigningSecrets(provider.Secret, provider.PreviousSecret);

        return provider.Scheme switch
        {
            WebhookScheme.GitHub => new GitHubScheme(secrets),
            WebhookScheme.Stripe => new StripeScheme(secrets, provider.Tolerance ?? DefaultTolerance, time),
            _ => new HmacScheme(
                secrets,
                provider.SignatureHeader ?? "X-Signature",
                provider.SignaturePrefix ?? "",
                Part(provider.EventIdField, provider.EventIdHeader ?? "X-Event-Id"),
                Part(provider.EventTypeField, provider.EventTypeHeader ?? "X-Event-Type")),
        };
    }

    static EventPart Part(string? field, string header) => field is null ? EventPart.Header(header) : EventPart.Field(field);
}
