namespace MaestroBus.Ingress;

/// <summary>How a provider signs its webhooks.</summary>
public enum WebhookScheme
{
    /// <summary><c>X-Hub-Signature-256: sha256={hex}</c>, HMAC-SHA256 of the body.</summary>
    GitHub,

    /// <summary><c>Stripe-Signature: t={time},v1={hex}</c>, HMAC-SHA256 of the time and the body.</summary>
    Stripe,

    /// <summary>HMAC-SHA256 of the body, in hex or base64, in a header of the provider's choice.</summary>
    Hmac,
}
