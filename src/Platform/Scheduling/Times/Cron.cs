using Quartz;

namespace MaestroBus.Scheduling;

/// <summary>Reads cron expressions: five fields as crontab has them, or six and seven with seconds first and the year last, as Quartz has them; <c>@daily</c> and the like, too.</summary>
static class Cron
{
    const int FieldsWithoutSeconds = 5;

    /// <exception cref="FormatException">It is no cron expression; the message says what is wrong.</exception>
    public static CronExpression Parse(string expression)
    {
        var fields = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            return CronExpression.Parse(string.Join(' ', fields), fields.Length == FieldsWithoutSeconds ? CronFormat.Unix : CronFormat.Quartz);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    /// <summary>Whether it has a time after another; 31 February, for one, has none.</summary>
    public static bool Occurs(CronExpression cron, DateTimeOffset after) => cron.GetNextValidTimeAfter(after) is not null;
}
