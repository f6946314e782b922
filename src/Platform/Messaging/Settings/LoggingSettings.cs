using Microsoft.Extensions.Logging.Console;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Looks for wrong values in the framework's section <c>Logging</c>. The framework ends the process with a stack trace for some of them,
/// before anything can be logged, and takes a formatter's name that it does not know for its own default.
/// </summary>
/// <param name="configuration">The host's configuration.</param>
/// <param name="formatters">The console's formatters, those of the host's own among them.</param>
sealed class LoggingSettings(IConfiguration configuration, IEnumerable<ConsoleFormatter> formatters) : IStartCheck
{
    const string Section = "Logging";
    const string Levels = "LogLevel";
    const string Console = "Console";

    static readonly string[] Switches = ["IncludeScopes", "SingleLine", "UseUtcTimestamp"];

    /// <summary>Notes what ends the process when the first logger is made.</summary>
    public static void Check(IConfiguration configuration, SettingsProblems problems)
    {
        var logging = configuration.GetSection(Section);
        foreach (var level in logging.GetChildren().Select(child => child.GetSection(Levels)).Prepend(logging.GetSection(Levels))
            .SelectMany(section => section.GetChildren()))
        {
            if (level.Value is { Length: > 0 } value && !Enum.TryParse<LogLevel>(value, ignoreCase: true, out _))
                problems.Add(level.Path, value, $"Use one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
        }

        var options = logging.GetSection($"{Console}:FormatterOptions");
        foreach (var option in Switches.Select(options.GetSection))
        {
            if (option.Value is { Length: > 0 } value && !bool.TryParse(value, out _))
                problems.Add(option.Path, value, "Use true or false.");
        }

        if (options["ColorBehavior"] is { Length: > 0 } color && !Enum.TryParse<LoggerColorBehavior>(color, ignoreCase: true, out _))
            problems.Add(
                $"{options.Path}:ColorBehavior", color, $"Use one of {string.Join(", ", Enum.GetNames<LoggerColorBehavior>())}.");
    }

    void IStartCheck.Check(SettingsProblems problems)
    {
        var setting = configuration.GetSection($"{Section}:{Console}:FormatterName");
        var names = formatters.Select(formatter => formatter.Name).Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0 && setting.Value is { Length: > 0 } name && !names.Contains(name, StringComparer.OrdinalIgnoreCase))
            problems.Add(setting.Path, name, $"Use one of {string.Join(", ", names)}.");
    }
}
