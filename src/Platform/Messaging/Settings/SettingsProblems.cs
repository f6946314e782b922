namespace Maestro.Bus.Messaging;

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

    /// <summary>Notes a name that is not known, with the nearest of those that are, and all of them.</summary>
    /// <param name="moved">What has become of it, if it was known in earlier versions.</param>
    /// <param name="section">What has the name.</param>
    /// <param name="what">The beginning of the sentence that lists the known names.</param>
    /// <param name="known">The known names.</param>
    internal void AddUnknown(string? moved, IConfigurationSection section, string what, IReadOnlyCollection<string> known)
    {
        var nearest = NearestNames.To(section.Key, known);
        Add(moved ?? $"{section.Path} is not a setting. "
            + (nearest.Count > 0 ? $"Did you mean {string.Join(" or ", nearest)}? " : "")
            + $"{what} {string.Join(", ", known)}.");
    }

    /// <exception cref="BusConfigurationException">At least one problem has been noted.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
            throw new BusConfigurationException(
                $"The bus cannot start: "
                + $"{_problems.Count} {(_problems.Count == 1 ? "setting is" : "settings are")} wrong.{Environment.NewLine}" +
                string.Join(Environment.NewLine, _problems.Select(problem => $"  - {problem}")));
    }
}
