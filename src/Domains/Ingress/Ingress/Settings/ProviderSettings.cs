using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Ingress;

/// <summary>The settings of the section <c>Bus:Ingress:Providers:{name}</c>.</summary>
public sealed class ProviderSettings : IValidatableObject
{
    internal const string SecretRule = "Use the secret that is agreed with the provider, 16 characters or more.";

    /// <summary>How the provider signs its webhooks: <c>github</c>, <c>stripe</c> or <c>hmac</c>.</summary>
    [Required(ErrorMessage = "Use github, stripe or hmac.")]
    public WebhookScheme? Scheme { get; set; }

    /// <summary>The secret that signatures are made with, at least 16 characters.</summary>
    [Secret, Required(ErrorMessage = SecretRule), MinLength(16, ErrorMessage = SecretRule)]
    public string? Secret { get; set; }

    /// <summary>The secret before the last change: signatures made with it are taken too, until the provider has changed over.</summary>
    /// <value>The default is none.</value>
    [Secret, MinLength(16, ErrorMessage = SecretRule)]
    public string? PreviousSecret { get; set; }

    /// <summary>The tenant of the provider's webhooks.</summary>
    /// <value>The default is <c>Bus:DefaultTenant</c>.</value>
    public string? Tenant { get; set; }

    /// <summary>
    /// A header that names the tenant and goes before <see cref="Tenant"/>. No signature covers it, so it is read only on connections of
    /// a gateway that <c>Bus:Access:Proxies</c> lists; a webhook that has it on any other connection is refused.
    /// </summary>
    /// <value>The default is none.</value>
    public string? TenantHeader { get; set; }

    /// <summary>The header with the signature; scheme <c>hmac</c> only.</summary>
    /// <value>The default is <c>X-Signature</c>.</value>
    public string? SignatureHeader { get; set; }

    /// <summary>What stands before the signature in its header, such as <c>sha256=</c>; scheme <c>hmac</c> only.</summary>
    /// <value>The default is nothing.</value>
    public string? SignaturePrefix { get; set; }

    /// <summary>The header with the event's id; scheme <c>hmac</c> only.</summary>
    /// <value>The default is <c>X-Event-Id</c>.</value>
    public string? EventIdHeader { get; set; }

    /// <summary>The header with the event's type; scheme <c>hmac</c> only.</summary>
    /// <value>The default is <c>X-Event-Type</c>.</value>
    public string? EventTypeHeader { get; set; }

    /// <summary>The top-level field of the body with the event's id, instead of a header; scheme <c>hmac</c> only.</summary>
    /// <value>The default is none.</value>
    public string? EventIdField { get; set; }

    /// <summary>The top-level field of the body with the event's type, instead of a header; scheme <c>hmac</c> only.</summary>
    /// <value>The default is none.</value>
    public string? EventTypeField { get; set; }

    /// <summary>
    /// How far a signature's time may be from now, against webhooks that are recorded and played again; scheme <c>stripe</c> only.
    /// </summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan? Tolerance { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) => ProviderRules.Of(this);
}
