using System.Globalization;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Makes text from outside fit for a line of a log.</summary>
public static class LogText
{
    /// <summary>The number of characters that are written unless somebody asks for another one.</summary>
    public const int DefaultLength = 500;

    const char Replacement = '\uFFFD';

    /// <summary>
    /// Replaces what could forge lines or hide what is there: control and format characters, such as line ends, escape sequences and marks
    /// of writing direction, line and paragraph separators, and halves of surrogate pairs. Cuts what is longer than the limit.
    /// </summary>
    /// <param name="text">The text; null is written as an empty text.</param>
    /// <param name="limit">The most characters to keep, from 1 on.</param>
    public static string Clean(string? text, int limit = DefaultLength)
    {
        if (string.IsNullOrEmpty(text))
            return "";

        if (text.Length <= limit && IsClean(text))
            return text;

        var clean = new StringBuilder(Math.Min(text.Length, limit) + 1);

        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > limit)
                return clean.Append('…').ToString();

            if (IsVisible(rune))
                clean.Append(rune);
            else
                clean.Append(rune.Value is '\n' or '\r' or '\t' ? ' ' : Replacement);
        }

        return clean.ToString();
    }

    /// <summary>Puts the innermost message of an exception on one line, without its full stop.</summary>
    public static string Reason(Exception exception) => Clean(exception.GetBaseException().Message).TrimEnd('.');

    static bool IsClean(string text)
    {
        foreach (var character in text)
        {
            if (character is < ' ' or > '~')
                return false;
        }

        return true;
    }

    static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
}
