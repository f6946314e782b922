namespace Maestro.Bus.Persistence;

/// <summary>For the bus's modules: gives them the database of a plain bus, if it has one.</summary>
public static class PlainDatabaseExtensions
{
    /// <summary>Registers something if the bus has a database, or when it gets one, in whichever order its parts are added.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="register">Registers it.</param>
    public static void WithDatabase(this IBusRegistrationConfigurator bus, Action<IBusRegistrationConfigurator> register)
    {
        if (PlainDatabase.IsIn(bus))
            register(bus);
        else
            bus.AddSingleton(new DatabaseUse(register));
    }

    /// <summary>Registers a context on the database of the bus, which writes to its outbox.</summary>
    public static void AddDatabaseContext<TDbContext>(this IBusRegistrationConfigurator bus)
        where TDbContext : DbContext
    {
        bus.AddDbContext<TDbContext>(
            (services, options) => services.GetRequiredService<BusDatabase>().Use(options), ServiceLifetime.Scoped,
            ServiceLifetime.Singleton);
        bus.AddOutbox<TDbContext>(isOfBus: true);
    }
}
