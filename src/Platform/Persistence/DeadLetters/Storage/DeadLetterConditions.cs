namespace Maestro.Bus.Persistence;

/// <summary>Makes a filter's conditions.</summary>
static class DeadLetterConditions
{
    /// <summary>The condition, and the parameters that it needs.</summary>
    public static (string Where, List<(string Name, object? Value)> Parameters) Of(DeadLetterFilter filter)
    {
        var conditions = new List<string> { "1 = 1" };
        var parameters = new List<(string, object?)>();

        Add("queue = @queue", "queue", filter.Queue);
        Add("tenant = @tenant", "tenant", filter.Tenant);
        Add("fingerprint = @fingerprint", "fingerprint", filter.Fingerprint);
        Add("reason = @reason", "reason", filter.Reason);
        Add("message_id = @message", "message", filter.MessageId?.ToString());
        Add("failed >= @from", "from", filter.FailedFrom?.ToUnixTimeMilliseconds());
        Add("failed < @until", "until", filter.FailedBefore?.ToUnixTimeMilliseconds());
        Add("state = @state", "state", (short?)filter.State);
        Add(@"(exception_type = @exception OR exception_type LIKE @exception_end ESCAPE '\')", "exception", filter.ExceptionType);
        Add(@"(message_type = @type OR message_type LIKE @type_end ESCAPE '\')", "type", filter.MessageType);
        Add(@"lower(exception_message) LIKE @text ESCAPE '\'", "text",
            filter.Text is { } text ? $"%{Escape(text.ToLowerInvariant())}%" : null);
        if (filter.ExceptionType is { } exception)
            parameters.Add(("exception_end", $"%.{Escape(exception)}"));
        if (filter.MessageType is { } type)
            parameters.Add(("type_end", $"%:{Escape(type)}"));

        return (string.Join(" AND ", conditions), parameters);

        void Add(string condition, string name, object? value)
        {
            if (value is null)
                return;

            conditions.Add(condition);
            parameters.Add((name, value));
        }
    }

    static string Escape(string text) => text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal)
        .Replace("_", @"\_", StringComparison.Ordinal);
}
