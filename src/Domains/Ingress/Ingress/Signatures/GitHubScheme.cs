namespace MaestroBus.Ingress;

/// <summary>GitHub: HMAC-SHA256 of the body in hexadecimal digits, behind <c>sha256=</c>.</summary>
sealed class GitHubScheme(SigningSecrets secrets) : ISignatureScheme
{
    const string SignatureHeader = "X-Hub-Signature-256";
    const string SignaturePrefix = "sha256=";

    public EventPart EventId { get; } = EventPart.Header("X-GitHub-Delivery");

    public EventPart EventType { get; } = EventPart.Header("X-GitHub-Event");

    public string? FindProblem(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (headers[SignatureHeader] is not [{ Length: > 0 } header])
            return $"The header {SignatureHeader} is missing or occurs more than once. Enter the secret in the webhook's settings "
                + "at GitHub.";

        if (!header.StartsWith(SignaturePrefix, StringComparison.Ordinal)
            || SigningSecrets.FromHex(header.AsSpan(SignaturePrefix.Length)) is not { } signature)
            return $"The header {SignatureHeader} holds no signature. It must be {SignaturePrefix} and 64 hexadecimal digits.";

        return secrets.Match([signature], [], body)
            ? null
            : $"The signature in {SignatureHeader} does not belong to this body. Compare the secret in the webhook's settings with the "
                + "provider's Secret here.";
    }
}
