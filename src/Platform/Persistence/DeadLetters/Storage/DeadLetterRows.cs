using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>Makes dead letters of rows, and rows of dead letters.</summary>
static class DeadLetterRows
{
    /// <summary>What a list shows.</summary>
    public const string Columns =
        "id, queue, address, message_id, message_type, reason, exception_type, exception_message, place, fingerprint, attempts, "
            + "first_failed, failed, tenant, size, state, changed, changed_by, note";

    /// <summary>Everything.</summary>
    public const string AllColumns = $"{Columns}, detail, metadata, body";

    const int LongestText = 8_000;

    public const string Insert =
        """
        INSERT INTO dead_letter (letter_key, queue, address, message_id, message_type, reason, exception_type, exception_message, detail,
            place, fingerprint,
            attempts, first_failed, failed, tenant, size, metadata, body)
        VALUES (@key, @queue, @address, @message, @type, @reason, @exception, @text, @detail, @place, @fingerprint, @attempts, @first,
            @failed, @tenant, @size, @metadata, @body)
        ON CONFLICT (letter_key) DO NOTHING
        """;

    public static StoredDeadLetter Read(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Queue = row.GetString(1),
        Address = row.GetString(2),
        MessageId = Text(row, 3) is { } id ? Guid.Parse(id) : null,
        MessageType = Text(row, 4),
        Reason = row.GetString(5),
        ExceptionType = Text(row, 6),
        ExceptionMessage = Text(row, 7),
        Place = Text(row, 8),
        Fingerprint = row.GetString(9),
        Attempts = row.GetInt32(10),
        FirstFailedAt = Time(row, 11),
        FailedAt = Time(row, 12)!.Value,
        Tenant = Text(row, 13),
        Size = row.GetInt32(14),
        State = (DeadLetterState)row.GetInt16(15),
        ChangedAt = Time(row, 16),
        ChangedBy = Text(row, 17),
        Note = Text(row, 18),
    };

    public static DeadLetterContent ReadAll(DbDataReader row)
    {
        var metadata = row.GetFieldValue<byte[]>(20);
        return new DeadLetterContent(
            Read(row), Text(row, 19), WireMessage.ContentType(metadata), WireMessage.Headers(metadata), WireMessage.Properties(metadata),
            row.GetFieldValue<byte[]>(21));
    }

    /// <summary>The parameters of <see cref="Insert"/>.</summary>
    public static IReadOnlyList<(string Name, object? Value)> Write(DeadLetter letter, string? place, string fingerprint) =>
    [
        ("key", letter.Key),
        ("queue", letter.Queue),
        ("address", letter.Address.AbsoluteUri),
        ("message", letter.MessageId?.ToString()),
        ("type", Shortened(letter.MessageType, LongestText)),
        ("reason", letter.Reason),
        ("exception", Shortened(letter.ExceptionType, LongestText)),
        ("text", Shortened(letter.ExceptionMessage, LongestText)),
        ("detail", letter.Detail),
        ("place", place),
        ("fingerprint", fingerprint),
        ("attempts", letter.Attempts),
        ("first", letter.FirstFailedAt?.ToUnixTimeMilliseconds()),
        ("failed", letter.FailedAt.ToUnixTimeMilliseconds()),
        ("tenant", Shortened(letter.Tenant, LongestText)),
        ("size", letter.Body.Length),
        ("metadata", WireMessage.Metadata(letter)),
        ("body", letter.Body),
    ];

    /// <summary>A text of a length that lists can show.</summary>
    public static string? Shortened(string? text, int limit) => text is { Length: var length } && length > limit ? text[..limit] : text;

    public static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
