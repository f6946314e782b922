using System.Globalization;

namespace MaestroBus.Ingress;

/// <summary>The form of an event's id and type: they become parts of ids, headers and log lines.</summary>
static class EventName
{
    public const int MaxLength = 200;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && !string.IsNullOrWhiteSpace(name) && name.All(IsVisible);

    static bool IsVisible(char character) => char.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
}
