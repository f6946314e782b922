namespace Maestro.Bus.Messaging;

/// <summary>Marks a setting whose value no error message may show.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
