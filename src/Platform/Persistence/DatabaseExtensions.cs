using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MaestroBus.Persistence;

/// <summary>Gives a domain a database.</summary>
public static class DatabaseExtensions
{
    /// <summary>Registers a domain's context, scoped, on the database that <c>Bus:Database</c> names.</summary>
    public static void AddDatabase<TDbContext>(this BusBuilder bus)
        where TDbContext : DbContext
    {
        bus.AddSettings<DatabaseSettings>(DatabaseSettings.Section);

        bus.Services.TryAddSingleton(services => new BusDatabase(
            services.GetRequiredService<DatabaseSettings>(),
            services.GetService<IHostEnvironment>()?.ContentRootPath ?? Directory.GetCurrentDirectory()));

        bus.Services.AddDbContext<TDbContext>((services, options) => services.GetRequiredService<BusDatabase>().Use(options));

        var domain = bus.Domain;
        bus.ConfigureBus(configurator =>
        {
            var scopes = configurator.AddOutbox<TDbContext>();
            if (domain is null)
                return;

            scopes.UseForDomain<TDbContext>(domain);
            configurator.AddConfigureEndpointsCallback((context, queue, endpoint) =>
            {
                if (queue == domain.Queue)
                    endpoint.UseEntityFrameworkOutbox<TDbContext>(context);
            });
        });
    }
}
