using System.ComponentModel.DataAnnotations;

namespace MaestroBus.Notifications;

/// <summary>
/// The settings of the section <c>Bus:Notifications:Limits</c>: how large a notification may be. HTTP answers 400 beyond them, a message
/// is dead-lettered.
/// </summary>
public sealed class NotificationLimits
{
    /// <summary>The number of recipients of a bulk notification.</summary>
    /// <value>The default is 10000.</value>
    [Range(1, 1_000_000, ErrorMessage = "Use a whole number from 1 to 1000000.")]
    public int Recipients { get; set; } = 10_000;

    /// <summary>The length of a recipient, in characters.</summary>
    /// <value>The default is 320, the longest e-mail address.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number of characters from 1 to 10000.")]
    public int Recipient { get; set; } = 320;

    /// <summary>The length of a subject, in characters.</summary>
    /// <value>The default is 500.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number of characters from 1 to 10000.")]
    public int Subject { get; set; } = 500;

    /// <summary>The length of a text after its bindings have been filled in, in characters.</summary>
    /// <value>The default is 100000.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number of characters from 1 to 10000000.")]
    public int Text { get; set; } = 100_000;

    /// <summary>Finds what is too large, by the name of the field.</summary>
    internal IEnumerable<(string Field, string Problem)> Problems(IReadOnlyCollection<string> recipients, string? subject, string text)
    {
        if (recipients.Count > Recipients)
            yield return ("recipients",
                $"There are {recipients.Count} recipients. Name up to {Recipients}, or raise Bus:Notifications:Limits:Recipients.");
        else if (recipients.Where(recipient => recipient.Length > Recipient).Select(recipient => recipient.Length)
            .FirstOrDefault() is var longest and > 0)
            yield return ("recipients",
                $"A recipient has {longest} characters. Use up to {Recipient}, or raise Bus:Notifications:Limits:Recipient.");

        if (subject?.Length > Subject)
            yield return ("subject",
                $"The subject has {subject.Length} characters. Use up to {Subject}, or raise Bus:Notifications:Limits:Subject.");

        if (text.Length > Text)
            yield return ("text", $"The text has {text.Length} characters. Use up to {Text}, or raise Bus:Notifications:Limits:Text.");
    }

    /// <exception cref="InvalidMessageException">Something is too large; the message names all that is.</exception>
    internal void Check(IReadOnlyCollection<string> recipients, string? subject, string text)
    {
        var problems = Problems(recipients, subject, text).Select(found => found.Problem).ToList();
        if (problems.Count > 0)
            throw new InvalidMessageException(string.Join(" ", problems));
    }
}
