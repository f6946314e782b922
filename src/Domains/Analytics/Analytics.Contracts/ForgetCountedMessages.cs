namespace MaestroBus.Analytics.Contracts;

/// <summary>Asks Analytics to forget the ids of messages that are old enough not to come again.</summary>
public sealed record ForgetCountedMessages;
