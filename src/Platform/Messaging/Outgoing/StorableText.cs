using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Makes text from outside storable, printable and short.</summary>
public static class StorableText
{
    /// <summary>Replaces NUL, which databases cannot store, and halves of surrogate pairs, which JSON cannot carry, by U+FFFD.</summary>
    public static string Of(string text)
    {
        if (!text.Any(character => character == '\0' || char.IsSurrogate(character)))
            return text;

        var sound = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            sound.Append((rune.Value == 0 ? Rune.ReplacementChar : rune).ToString());

        return sound.ToString();
    }

    /// <summary>
    /// Puts a text on one line without control characters, and cuts it where it is longer than <paramref name="length"/> characters.
    /// </summary>
    public static string OnOneLine(string text, int length)
    {
        var visible = string.Concat(Of(text).Select(character => char.IsControl(character) ? ' ' : character));
        return Cut(string.Join(' ', visible.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), length);
    }

    /// <summary>
    /// Cuts a text after <paramref name="length"/> characters, never within a surrogate pair, and ends it with an ellipsis then.
    /// </summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;

        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }
}
