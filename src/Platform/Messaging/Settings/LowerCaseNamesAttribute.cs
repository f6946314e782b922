namespace Maestro.Bus.Messaging;

/// <summary>Marks an enum whose values are written in lower case in settings, so that error messages write them so, too.</summary>
[AttributeUsage(AttributeTargets.Enum)]
public sealed class LowerCaseNamesAttribute : Attribute;
