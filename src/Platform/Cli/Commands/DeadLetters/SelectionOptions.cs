namespace Maestro.Bus.Cli;

/// <summary>The options that say which dead letters are meant.</summary>
sealed class SelectionOptions
{
    readonly Option<string?> _queue = new("--queue", "-q") { Description = "Those that failed in this queue.", HelpName = "queue" };
    readonly Option<string?> _group = new("--group", "-g")
    {
        Description = "Those of this group; 'dlq groups' lists them.",
        HelpName = "fingerprint",
    };
    readonly Option<string?> _tenant = new("--tenant") { Description = "Those of this tenant.", HelpName = "tenant" };
    readonly Option<string?> _exception = new("--exception")
    {
        Description = "Those with this exception, such as TimeoutException.",
        HelpName = "type",
    };
    readonly Option<string?> _type = new("--type") { Description = "Those of this message type, such as CallApi.", HelpName = "type" };
    readonly Option<string?> _reason = new("--reason")
    {
        Description = "Those with this reason: fault, unreadable, invalid, dead-letter, expired, delivery-limit, process-ended, "
            + "queue-full, rejected.",
        HelpName = "reason",
    };
    readonly Option<Guid?> _message = new("--message-id") { Description = "Those with this message id.", HelpName = "id" };
    readonly Option<string?> _text = new("--text") { Description = "Those with this text in the exception's message.", HelpName = "text" };
    readonly Option<DateTimeOffset?> _from = Time(
        "--from", "Those that failed at this time or after it, such as 2026-11-24T09:00Z, or that long ago, such as 2h.");
    readonly Option<DateTimeOffset?> _before = Time(
        "--before", "Those that failed before this time, or longer ago than that, such as 30d.");

    public Option<string?> State { get; } = new("--state")
    {
        Description = "waiting (without it), retried, edited, redirected, discarded, or any.",
        HelpName = "state",
    };

    public Option<bool> All { get; } = new("--all") { Description = "All there are." };

    public Symbol[] Symbols => [_queue, _group, _tenant, _exception, _type, _reason, _message, _text, _from, _before];

    public DeadLetterSelection Selection(ParseResult parsed) => new()
    {
        Queue = parsed.GetValue(_queue),
        Fingerprint = parsed.GetValue(_group),
        Tenant = parsed.GetValue(_tenant),
        ExceptionType = parsed.GetValue(_exception),
        MessageType = parsed.GetValue(_type),
        Reason = parsed.GetValue(_reason),
        MessageId = parsed.GetValue(_message),
        Text = parsed.GetValue(_text),
        From = parsed.GetValue(_from),
        Before = parsed.GetValue(_before),
    };

    /// <summary>The selection as a query string, with more at its end.</summary>
    public string Query(ParseResult parsed, params IEnumerable<(string Name, object? Value)> more) =>
        Query(Selection(parsed), [("state", parsed.GetValue(State)), .. more]);

    /// <summary>A selection as a query string, with more at its end.</summary>
    public static string Query(DeadLetterSelection selection, params IEnumerable<(string Name, object? Value)> more) => Cli.Query.Of(
    [
        ("queue", selection.Queue), ("fingerprint", selection.Fingerprint), ("tenant", selection.Tenant),
        ("exceptionType", selection.ExceptionType),
        ("messageType", selection.MessageType), ("reason", selection.Reason), ("messageId", selection.MessageId), ("text", selection.Text),
        ("from", selection.From?.ToString("O")),
        ("before", selection.Before?.ToString("O")), .. more,
    ]);

    static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            if (Moments.Parse(result.Tokens[0].Value, TimeProvider.System.GetUtcNow()) is { } time)
                return time;

            result.AddError(
                $"{name} is '{result.Tokens[0].Value}', which is no time. Use one such as 2026-11-24T09:00Z, or a duration such as 30d, "
                    + "2h or 15m.");
            return null;
        },
    };
}
