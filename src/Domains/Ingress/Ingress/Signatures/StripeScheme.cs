using System.Globalization;
using System.Text;

namespace MaestroBus.Ingress;

/// <summary>
/// Stripe: HMAC-SHA256 of the time, a dot and the body; there is more than one signature while a secret is being changed at Stripe.
/// </summary>
sealed class StripeScheme(SigningSecrets secrets, TimeSpan tolerance, TimeProvider time) : ISignatureScheme
{
    const string SignatureHeader = "Stripe-Signature";

    public EventPart EventId { get; } = EventPart.Field("id");

    public EventPart EventType { get; } = EventPart.Field("type");

    public string? FindProblem(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (headers[SignatureHeader] is not [{ Length: > 0 } header])
            return $"The header {SignatureHeader} is missing or occurs more than once. Send the webhook from an endpoint that is "
                + "registered at Stripe.";

        if (!TryRead(header, out var signedAt, out var seconds, out var signatures))
            return $"The header {SignatureHeader} holds no signature. It must be t=(seconds since 1970),v1=(64 hexadecimal digits).";

        if (!secrets.Match(signatures, Encoding.ASCII.GetBytes($"{seconds}."), body))
            return $"The signature in {SignatureHeader} does not belong to this body. Compare the endpoint's signing secret at Stripe with "
                + "the provider's Secret here.";

        return (time.GetUtcNow() - signedAt).Duration() > tolerance
            ? $"The signature in {SignatureHeader} is not from now. Send the webhook again with a new signature, and compare the clocks."
            : null;
    }

    static bool TryRead(string header, out DateTimeOffset signedAt, out string seconds, out List<byte[]> signatures)
    {
        signedAt = default;
        seconds = "";
        signatures = [];

        foreach (var range in header.AsSpan().Split(','))
        {
            var element = header.AsSpan(range).Trim();

            if (element.StartsWith("t="))
            {
                // A second time would leave open which of them is signed.
                if (seconds.Length > 0 || !TryReadTime(element[2..], out signedAt))
                    return false;

                seconds = element[2..].ToString();
            }
            else if (element.StartsWith("v1=") && SigningSecrets.FromHex(element[3..]) is { } signature)
            {
                signatures.Add(signature);
            }
        }

        return seconds.Length > 0 && signatures.Count > 0;
    }

    static bool TryReadTime(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        var readable = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        time = readable ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return readable;
    }
}
