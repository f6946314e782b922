namespace Maestro.Bus.Messaging;

/// <summary>Says what has become of a setting that this group had in earlier versions.</summary>
/// <param name="name">Its name.</param>
/// <param name="successor">The full name of the setting that has taken its place.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class MovedSettingAttribute(string name, string successor) : Attribute
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The full name of the setting that has taken its place.</summary>
    public string Successor => successor;
}
