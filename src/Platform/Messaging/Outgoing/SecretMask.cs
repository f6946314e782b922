using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Masks configured secrets wherever a text from outside repeats them: as they are, and in the encodings that servers echo them in.
/// </summary>
public sealed class SecretMask
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Replacement = "***";

    /// <summary>The number of characters from which on a secret is masked. Shorter ones would mask ordinary words.</summary>
    public const int ShortestSecret = 8;

    const StringComparison Comparison = StringComparison.OrdinalIgnoreCase;

    readonly string[] _forms;
    readonly SearchValues<string> _search;

    SecretMask(string[] forms) => (_forms, _search) = (forms, SearchValues.Create(forms, Comparison));

    /// <summary>Masks nothing.</summary>
    public static SecretMask None { get; } = new([]);

    /// <summary>
    /// Makes a mask of secrets. Of a value such as <c>Bearer abc…</c> the part after the scheme is masked, too, and of <c>Basic</c>
    /// credentials the password.
    /// </summary>
    /// <param name="secrets">The secrets. Null and those shorter than <see cref="ShortestSecret"/> characters are left out.</param>
    public static SecretMask Of(IEnumerable<string?> secrets)
    {
        var forms = secrets.OfType<string>().SelectMany(Parts).Where(part => part.Length >= ShortestSecret).SelectMany(Forms)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(form => form.Length)
            .ToArray();

        return forms.Length == 0 ? None : new SecretMask(forms);
    }

    /// <summary>Replaces every secret in a text by <see cref="Replacement"/>.</summary>
    public string Apply(string text)
    {
        var rest = text.AsSpan();
        var next = rest.IndexOfAny(_search);
        if (next < 0)
            return text;

        var masked = new StringBuilder(text.Length);
        for (; next >= 0; next = rest.IndexOfAny(_search))
        {
            masked.Append(rest[..next]).Append(Replacement);
            rest = rest[next..];
            rest = rest[LengthAtStart(rest)..];
        }

        return masked.Append(rest).ToString();
    }

    int LengthAtStart(ReadOnlySpan<char> text)
    {
        // The longest comes first: a secret may be part of another one's encoding.
        foreach (var form in _forms)
        {
            if (text.StartsWith(form, Comparison))
                return form.Length;
        }

        return 1;
    }

    static IEnumerable<string> Parts(string secret)
    {
        yield return secret;

        if (secret.Split(' ', 2, StringSplitOptions.TrimEntries) is not [var scheme, { Length: > 0 } credentials])
            yield break;

        yield return credentials;

        var bytes = new byte[credentials.Length];
        if (!scheme.Equals("Basic", Comparison) || !Convert.TryFromBase64String(credentials, bytes, out var length))
            yield break;

        var login = Encoding.UTF8.GetString(bytes, 0, length);
        yield return login;
        yield return login[(login.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    static IEnumerable<string> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);

        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return WebUtility.UrlEncode(secret);
        yield return WebUtility.HtmlEncode(secret);
        yield return JavaScriptEncoder.Default.Encode(secret);

        var escaped = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        yield return escaped;
        yield return escaped.Replace("/", @"\/", StringComparison.Ordinal);
        yield return Convert.ToHexString(bytes);
        yield return Convert.ToBase64String(bytes);

        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Base64Within(bytes, offset);
            yield return encoded;
            yield return encoded.Replace('+', '-').Replace('/', '_');
        }
    }

    // The characters that the bytes alone decide where other bytes stand before and behind them, such as a user's name before a password.
    static string Base64Within(byte[] bytes, int offset)
    {
        var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]).TrimEnd('=');
        var first = offset == 0 ? 0 : offset + 1;
        var last = (offset + bytes.Length) % 3 == 0 ? encoded.Length : encoded.Length - 1;
        return encoded[first..last];
    }
}
