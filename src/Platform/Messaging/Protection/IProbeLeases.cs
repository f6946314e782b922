namespace Maestro.Bus.Messaging;

/// <summary>The leases of the hosts that share a database: who has one probes what is down, and the others do not.</summary>
public interface IProbeLeases
{
    /// <summary>Makes a lease, which this host does not have yet.</summary>
    /// <param name="name">The lease's name, the same on all hosts.</param>
    IProbeLease Of(string name);
}

/// <summary>A lease that one host at a time has. Not safe for use by several threads at once, but for <see cref="IsHeld"/>.</summary>
public interface IProbeLease
{
    /// <summary>Gets whether this host has the lease and no other can have taken it yet.</summary>
    bool IsHeld { get; }

    /// <summary>Gets how often the lease is to be renewed.</summary>
    TimeSpan Interval { get; }

    /// <summary>Takes the lease if it is free or its holder shows no life, or keeps it.</summary>
    /// <returns>Whether this host has it.</returns>
    Task<bool> TryHold(CancellationToken cancellationToken);

    /// <summary>Gives the lease back, so that another host takes it at once.</summary>
    Task Release(CancellationToken cancellationToken);
}
