namespace Maestro.Bus.Messaging;

/// <summary>Says what to do where the configuration holds a single value in the place of this group of settings.</summary>
/// <param name="remedy">What to do, as a sentence.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SingleValueRemedyAttribute(string remedy) : Attribute
{
    /// <summary>What to do, as a sentence.</summary>
    public string Remedy => remedy;
}
