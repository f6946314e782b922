namespace Maestro.Bus.Messaging;

/// <summary>
/// Sends mails through one mail server. Add the server with <see cref="MailServerExtensions.AddMailServer"/>, and get its sender as a
/// keyed service.
/// </summary>
public interface IMailSender
{
    /// <summary>Tells whether a text is one e-mail address with a domain. A name in front of it is allowed.</summary>
    bool IsAddress(string text);

    /// <summary>Sends a mail. Mails that are sent at one time have a connection each, which the next ones use.</summary>
    /// <exception cref="MailRefusedException">The server refuses the mail or a recipient for good (5xx).</exception>
    /// <exception cref="DependencyUnavailableException">
    /// The server is away, does not answer in time, cannot now (4xx, but for the recipient or the mail itself), refuses the login, or
    /// cannot be trusted: the mail may be taken later.
    /// </exception>
    /// <exception cref="MailDeferredException">The server can be used, and does not take the recipient or the mail now (4xx).</exception>
    Task Send(MailMessage mail, CancellationToken cancellationToken);
}

/// <summary>A mail in plain text.</summary>
/// <param name="To">The recipients' addresses, such as <see cref="IMailSender.IsAddress"/> takes.</param>
/// <param name="Subject">The subject. Line breaks do not get into the mail's headers.</param>
/// <param name="Text">The text.</param>
public sealed record MailMessage(IReadOnlyList<string> To, string Subject, string Text)
{
    /// <summary>The mail's id without its domain, which is the sender's; null for one that is made up.</summary>
    public string? Id { get; init; }
}

/// <summary>A mail server refuses a mail or a recipient for good: sending it again would not help.</summary>
public sealed class MailRefusedException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>
/// A mail server does not take a mail or a recipient now, such as one whose mailbox is full or that is greylisted: sent again later, the
/// mail may be taken. Other mails need not wait for it.
/// </summary>
public sealed class MailDeferredException(string message, Exception? innerException = null) : Exception(message, innerException);
