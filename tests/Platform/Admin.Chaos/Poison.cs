namespace Maestro.Bus.Admin.Chaos;

/// <summary>A message that fails in its own way until somebody puts that right.</summary>
public sealed record Poison(string Kind, int Number, string Text = "");
