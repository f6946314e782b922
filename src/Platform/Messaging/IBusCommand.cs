namespace Maestro.Bus.Messaging;

/// <summary>Something that the host does instead of running the bus, when one of its arguments names it.</summary>
public interface IBusCommand
{
    /// <summary>Gets the argument that names it.</summary>
    string Name { get; }

    /// <summary>Runs it.</summary>
    Task Run(CancellationToken cancellationToken);
}
