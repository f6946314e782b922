namespace Maestro.Bus.Persistence.Tests;

/// <summary>The shop on a bus whose every scope publishes into the shop's outbox.</summary>
sealed class WholeShopDomain : BusDomain
{
    readonly ShopDomain _shop = new();

    public override string Queue => _shop.Queue;

    public override QueuePolicy Policy => _shop.Policy;

    public override void AddServices(BusBuilder bus)
    {
        _shop.AddServices(bus);
        bus.ConfigureBus(configurator => configurator.AddEntityFrameworkOutbox<ShopContext>(outbox => outbox.UseBusOutbox()));
    }
}
