namespace Maestro.Bus.Admin.Chaos;

/// <summary>A domain whose messages are tried once.</summary>
public sealed class PoisonDomain : BusDomain
{
    public override string Queue => "poison";

    public override QueuePolicy Policy => new() { Attempts = 1, Concurrency = 20 };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<Effects>();
        bus.Services.AddSingleton<Remedies>();
    }
}
