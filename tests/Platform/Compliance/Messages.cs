namespace Maestro.Bus.Compliance;

/// <summary>Something to do.</summary>
public sealed record Work(int Number, string Text = "");

/// <summary>Something that has happened.</summary>
public sealed record Notice(int Number);

public sealed record Ask(int Number);

public sealed record Reply(int Number);

/// <summary>A header that is more than a value.</summary>
public sealed record Place(string Name, Spot Spot);

public sealed record Spot(int X, int Y);

/// <summary>Something that is bought once, whatever is said about it.</summary>
[Idempotent(nameof(Number))]
public sealed record Purchase(int Number, string Text);
