namespace Maestro.Bus.Messaging;

/// <summary>The sections of settings under <c>Bus</c> that this host has read, with the objects that hold them.</summary>
public sealed class SettingsCatalog
{
    internal SettingsCatalog(IReadOnlyDictionary<string, object> sections) => Sections = sections;

    /// <summary>
    /// Gets the objects by section, such as <c>Http</c> or <c>Alerts</c>. That of a section whose parts have names of their own is a
    /// dictionary.
    /// </summary>
    public IReadOnlyDictionary<string, object> Sections { get; }
}
