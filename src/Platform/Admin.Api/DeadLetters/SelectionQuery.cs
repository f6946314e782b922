namespace Maestro.Bus.Admin.Api;

/// <summary>A selection in a query string.</summary>
sealed record SelectionQuery(
    string? Queue,
    string? Tenant,
    string? Fingerprint,
    string? ExceptionType,
    string? MessageType,
    string? Reason,
    Guid? MessageId,
    string? Text,
    DateTimeOffset? From,
    DateTimeOffset? Before,
    string? State)
{
    public DeadLetterSelection Selection => new()
    {
        Queue = Queue,
        Tenant = Tenant,
        Fingerprint = Fingerprint,
        ExceptionType = ExceptionType,
        MessageType = MessageType,
        Reason = Reason,
        MessageId = MessageId,
        Text = Text,
        From = From,
        Before = Before,
    };
}
