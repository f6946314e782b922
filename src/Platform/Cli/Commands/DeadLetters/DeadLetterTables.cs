using System.Globalization;

namespace Maestro.Bus.Cli;

/// <summary>Shows dead letters as tables and texts.</summary>
static class DeadLetterTables
{
    const int LongestError = 70;

    public static void List(Screen screen, DeadLetterPage page)
    {
        if (page.Items.Count == 0)
        {
            screen.Say("There are none.");
            return;
        }

        var now = TimeProvider.System.GetUtcNow();
        screen.Table(
            ["Id", "Queue", "Message", "Error", "Tries", "Failed", "Tenant", "State", "Group"],
            page.Items.Select(letter => (IReadOnlyList<string?>)
            [
                Number(letter.Id), letter.Queue, Short(letter.MessageType),
                Error(screen, letter.ExceptionType, letter.ExceptionMessage, letter.Reason), Number(letter.Attempts),
                Moments.Ago(letter.FailedAt, now), letter.Tenant, letter.State, letter.Fingerprint,
            ]));
        if (page.Next is { } next)
            screen.Say($"There are more: add --page {next}.");
    }

    public static void Groups(Screen screen, IReadOnlyList<DeadLetterGroupView> groups)
    {
        if (groups.Count == 0)
        {
            screen.Say("There are none.");
            return;
        }

        var now = TimeProvider.System.GetUtcNow();
        screen.Table(
            ["Group", "Count", "Queue", "Message", "Error", "Place", "First", "Last", "Newest"],
            groups.Select(group => (IReadOnlyList<string?>)
            [
                group.Fingerprint, Number(group.Count), group.Queues > 1 ? $"{group.Queue} and {group.Queues - 1} more" : group.Queue,
                Short(group.MessageType),
                Error(screen, group.ExceptionType, group.ExceptionMessage, group.Reason), group.Place,
                Moments.Ago(group.FirstFailedAt, now), Moments.Ago(group.LastFailedAt, now), Number(group.NewestId),
            ]));
    }

    public static void Show(Screen screen, DeadLetterDetails details)
    {
        var letter = details.Letter;
        Field("Dead letter", Number(letter.Id));
        Field("State", letter.ChangedAt is { } changed
            ? $"{letter.State}, {changed:u} by {letter.ChangedBy}{(letter.Note is null ? "" : $" ({letter.Note})")}"
            : letter.State);
        Field("Queue", letter.Queue);
        Field("Message id", $"{letter.MessageId}");
        Field("Message type", letter.MessageType);
        Field("Tenant", letter.Tenant);
        Field("Reason", letter.Reason);
        Field("Exception", letter.ExceptionType is null ? letter.ExceptionMessage : $"{letter.ExceptionType}: {letter.ExceptionMessage}");
        Field("Place", letter.Place);
        Field("Group", letter.Fingerprint);
        Field("Attempts", Number(letter.Attempts));
        Field("First failed", letter.FirstFailedAt?.ToString("u", CultureInfo.InvariantCulture));
        Field("Failed", letter.FailedAt.ToString("u", CultureInfo.InvariantCulture));

        screen.Say("");
        screen.Say("Headers");
        foreach (var (name, value) in details.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
            screen.Say($"  {Screen.Printable(name)}: {Screen.Printable(value)}");

        screen.Say("");
        screen.Say(
            $"Body ({letter.Size} bytes, {details.ContentType ?? "of no known type"}, as "
                + $"{details.BodyFormat}{(details.IsBodyWhole ? "" : ", only its beginning")})");
        Lines(details.Body);

        if (details.Detail is { Length: > 0 } detail)
        {
            screen.Say("");
            screen.Say("Exception");
            Lines(detail);
        }

        void Field(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                screen.Say($"{name + ":",-14}{Screen.Printable(value)}");
        }

        void Lines(string text)
        {
            foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
                screen.Say($"  {Screen.Printable(line)}");
        }
    }

    public static void Report(Screen screen, IReadOnlyList<DeadLetterCountView> counts)
    {
        if (counts.Count == 0)
        {
            screen.Say("There are none.");
            return;
        }

        screen.Table(
            ["From", "Count", "Group", "Queue", "Tenant"],
            counts.Select(count => (IReadOnlyList<string?>)
                [count.From.ToString("u", CultureInfo.InvariantCulture), Number(count.Count), count.Fingerprint, count.Queue,
                    count.Tenant]));
    }

    public static void Operations(Screen screen, IReadOnlyList<OperationView> operations)
    {
        if (operations.Count == 0)
        {
            screen.Say("There are none.");
            return;
        }

        var now = TimeProvider.System.GetUtcNow();
        screen.Table(
            ["Id", "What", "State", "Done", "Total", "Begun", "By", "Error"],
            operations.Select(operation => (IReadOnlyList<string?>)
            [
                Number(operation.Id), operation.Queue is null ? operation.Kind : $"{operation.Kind} to {operation.Queue}", operation.State,
                Number(operation.Done), Number(operation.Total),
                Moments.Ago(operation.CreatedAt, now), operation.CreatedBy, operation.Error,
            ]));
    }

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string? Short(string? type) => type?[(type.LastIndexOfAny([':', '.']) + 1)..];

    static string Error(Screen screen, string? exceptionType, string? message, string reason)
    {
        var error = exceptionType is null ? reason : $"{Short(exceptionType)}: {message}";
        return screen.IsInteractive && error.Length > LongestError ? error[..(LongestError - 1)] + "…" : error;
    }
}
