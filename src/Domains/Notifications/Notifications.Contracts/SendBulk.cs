namespace MaestroBus.Notifications.Contracts;

/// <summary>A job that tells many people the same. It shows its progress, and goes on where it was when it is interrupted.</summary>
/// <param name="TenantId">The tenant on whose behalf it is sent; left out of a job's JSON, the one that the job is submitted for.</param>
/// <param name="Channel"><c>email</c>, <c>sms</c> or <c>internal</c>.</param>
/// <param name="Recipients">E-mail addresses, phone numbers in E.164 form, or users' or teams' names.</param>
/// <param name="Subject">One line; channels without a subject leave it out.</param>
/// <param name="Text">The message.</param>
public sealed record SendBulk(string TenantId, string Channel, IReadOnlyList<string> Recipients, string? Subject, string Text);
