using System.Text.RegularExpressions;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Ingress;

/// <summary>What providers' settings must obey beyond what an attribute can say.</summary>
static partial class ProviderRules
{
    public static IEnumerable<ValidationResult> Of(ProviderSettings provider)
    {
        if (provider.Tenant is not null && !TenantHeader.IsValid(provider.Tenant))
            yield return new ValidationResult(
                "Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.", [nameof(provider.Tenant)]);

        foreach (var (setting, header) in Headers(provider))
        {
            if (header is not null && !HeaderName.IsMatch(header))
                yield return new ValidationResult("Use the name of an HTTP header, such as X-Signature.", [setting]);
        }

        foreach (var (setting, scheme, value) in OfOneScheme(provider))
        {
            if (value is not null && provider.Scheme is { } own && own != scheme)
                yield return new ValidationResult($"It belongs to the scheme {scheme} only; remove it, or change Scheme.", [setting]);
        }

        if (provider.EventIdHeader is not null && provider.EventIdField is not null)
            yield return new ValidationResult("Use either EventIdHeader or EventIdField.", [nameof(provider.EventIdField)]);

        if (provider.EventTypeHeader is not null && provider.EventTypeField is not null)
            yield return new ValidationResult("Use either EventTypeHeader or EventTypeField.", [nameof(provider.EventTypeField)]);

        if (provider.Tolerance is { } tolerance && (tolerance < TimeSpan.FromSeconds(1) || tolerance > TimeSpan.FromDays(1)))
            yield return new ValidationResult("Use a duration from 1s to 1d, such as 5m.", [nameof(provider.Tolerance)]);
    }

    public static IEnumerable<string> OfNames(IReadOnlyCollection<string> names)
    {
        foreach (var name in names.Where(name => !ProviderName.IsMatch(name)))
            yield return
                $"The provider '{name}' cannot be called by that name. Use 1 to 64 letters, digits, dots, underscores or dashes, beginning "
                    + "with a letter or digit.";
    }

    static IEnumerable<(string Setting, string? Header)> Headers(ProviderSettings provider) =>
    [
        (nameof(provider.TenantHeader), provider.TenantHeader),
        (nameof(provider.SignatureHeader), provider.SignatureHeader),
        (nameof(provider.EventIdHeader), provider.EventIdHeader),
        (nameof(provider.EventTypeHeader), provider.EventTypeHeader),
    ];

    static IEnumerable<(string Setting, WebhookScheme Scheme, object? Value)> OfOneScheme(ProviderSettings provider) =>
    [
        (nameof(provider.SignatureHeader), WebhookScheme.Hmac, provider.SignatureHeader),
        (nameof(provider.SignaturePrefix), WebhookScheme.Hmac, provider.SignaturePrefix),
        (nameof(provider.EventIdHeader), WebhookScheme.Hmac, provider.EventIdHeader),
        (nameof(provider.EventTypeHeader), WebhookScheme.Hmac, provider.EventTypeHeader),
        (nameof(provider.EventIdField), WebhookScheme.Hmac, provider.EventIdField),
        (nameof(provider.EventTypeField), WebhookScheme.Hmac, provider.EventTypeField),
        (nameof(provider.Tolerance), WebhookScheme.Stripe, provider.Tolerance),
    ];

    [GeneratedRegex(@"\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\z")]
    private static partial Regex HeaderName { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex ProviderName { get; }
}
