namespace Maestro.Bus.Persistence;

/// <summary>The leases of the hosts on one database on probing what is down.</summary>
sealed class ProbeLeases(BusDatabase database, TimeProvider time) : IProbeLeases
{
    public IProbeLease Of(string name) => new HostLease(database, name, time);
}
