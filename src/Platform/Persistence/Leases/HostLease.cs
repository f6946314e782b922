namespace Maestro.Bus.Persistence;

/// <summary>
/// A lease that one of the hosts on a database has: what is to be done by one at a time is done by its holder. Call
/// <see cref="TryHold"/> every <see cref="Interval"/>, from one loop.
/// </summary>
public sealed class HostLease : IProbeLease
{
    /// <summary>For how long the holder may show no life before another host takes its place, unless it is made otherwise.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    readonly LeaseGroup _group;
    volatile bool _isGranted;

    /// <summary>Makes a lease, which this host does not have yet.</summary>
    /// <param name="database">The database that the hosts share.</param>
    /// <param name="name">The lease's name, the same on all hosts.</param>
    /// <param name="time">The stopwatch that a silent holder is judged by.</param>
    /// <param name="silence">For how long the holder may show no life; the longer, the less is written to the database.</param>
    public HostLease(BusDatabase database, string name, TimeProvider time, TimeSpan? silence = null) =>
        _group = new LeaseGroup(database, name, 1, silence ?? Silence, time);

    /// <summary>Gets how often the lease is to be renewed.</summary>
    public TimeSpan Interval => _group.Interval;

    /// <summary>
    /// Gets whether this host has the lease and no other can have taken it yet. A host that was frozen sees at once that it does not.
    /// </summary>
    public bool IsHeld => _isGranted && _group.IsCurrent;

    /// <summary>Takes the lease if it is free or its holder shows no life, or keeps it.</summary>
    /// <returns>Whether this host has it.</returns>
    public async Task<bool> TryHold(CancellationToken cancellationToken)
    {
        var grant = await _group.Renew(cancellationToken);
        return _isGranted = grant.Numbers.Count > 0;
    }

    /// <summary>Gives the lease back, so that another host takes it at once.</summary>
    public Task Release(CancellationToken cancellationToken)
    {
        _isGranted = false;
        return _group.Release([0], leaves: true, cancellationToken);
    }
}
