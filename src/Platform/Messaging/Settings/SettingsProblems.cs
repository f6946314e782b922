namespace MaestroBus.Messaging;

/// <summary>Collects what is wrong with the settings, so that a start names all of it at once.</summary>
public sealed class SettingsProblems
{
    readonly List<string> _problems = [];

    internal IReadOnlyList<string> All => _problems;

    /// <summary>Notes a wrong setting: its name, what it holds and what would be right.</summary>
    public void Add(string setting, string? held, string remedy) =>
        Add(held is null ? $"{setting} is not set. {remedy}" : $"{setting} is '{held}'. {remedy}");

    /// <summary>Notes a problem in a sentence that names the setting and says what to do.</summary>
    public void Add(string sentence) => _problems.Add(sentence);

    /// <exception cref="BusConfigurationException">At least one problem has been noted.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
            throw new BusConfigurationException(
                $"The bus cannot start: {_problems.Count} {(_problems.Count == 1 ? "setting is" : "settings are")} wrong.{Environment.NewLine}" +
                string.Join(Environment.NewLine, _problems.Select(problem => $"  - {problem}")));
    }
}
