namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed record Note(int Number, string Text = "");

public sealed record Other(int Number);

public interface IAnimal
{
    string Name { get; }
}

public sealed record Dog(string Name) : IAnimal;

public sealed record Ask(int Number);

public sealed record Reply(int Number);
