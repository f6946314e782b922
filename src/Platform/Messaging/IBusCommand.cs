namespace MaestroBus.Messaging;

/// <summary>Something that the host does instead of running the bus, when its first argument names it.</summary>
public interface IBusCommand
{
    /// <summary>The argument that names it.</summary>
    string Name { get; }

    /// <summary>Does it.</summary>
    Task Run(CancellationToken cancellationToken);
}
