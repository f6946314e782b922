namespace MaestroBus.Ingress;

/// <summary>
/// Any provider that signs the body with HMAC-SHA256 and sends the signature in a header, in hexadecimal digits or base64.
/// </summary>
sealed class HmacScheme(SigningSecrets secrets, string signatureHeader, string signaturePrefix, EventPart eventId, EventPart eventType)
    : ISignatureScheme
{
    public EventPart EventId => eventId;

    public EventPart EventType => eventType;

    string Beginning => signaturePrefix.Length == 0 ? "" : $"'{signaturePrefix}' and ";

    public string? FindProblem(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (headers[signatureHeader] is not [{ Length: > 0 } header])
            return $"The header {signatureHeader} is missing or occurs more than once. Sign the body with HMAC-SHA256 and send the "
                + "signature in it once.";

        if (!header.StartsWith(signaturePrefix, StringComparison.Ordinal)
            || Read(header.AsSpan(signaturePrefix.Length)) is not { } signature)
            return $"The header {signatureHeader} holds no signature. It must be {Beginning}an HMAC-SHA256 in hexadecimal digits "
                + "or base64.";

        return secrets.Match([signature], [], body)
            ? null
            : $"The signature in {signatureHeader} does not belong to this body. Sign the bytes that are sent, and compare the secret with "
                + "the provider's Secret here.";
    }

    static byte[]? Read(ReadOnlySpan<char> text) => SigningSecrets.FromHex(text) ?? SigningSecrets.FromBase64(text);
}
