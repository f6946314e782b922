using System.Diagnostics.CodeAnalysis;

namespace Maestro.Bus.Mail;

/// <summary>Reads one e-mail address with a domain; a name in front of it is allowed.</summary>
static class MailAddresses
{
    static readonly ParserOptions Strict = new()
    {
        AddressParserComplianceMode = RfcComplianceMode.Strict,
        AllowAddressesWithoutDomain = false,
        AllowUnquotedCommasInAddresses = false,
    };

    public static bool TryParse(string? text, [NotNullWhen(true)] out MailboxAddress? address)
    {
        address = null;

        // Folded headers may hold line breaks, an address has no use for them.
        return text is not null && !text.Any(char.IsControl) && MailboxAddress.TryParse(Strict, text, out address);
    }
}
