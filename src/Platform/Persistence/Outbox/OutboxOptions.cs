using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Update;

namespace Maestro.Bus.Persistence;

/// <summary>Has a context write what was published beside it, however it has been registered.</summary>
/// <param name="isOfBus">Whether the bus has registered it, on its own database.</param>
sealed class OutboxOptions<TDbContext>(bool isOfBus) : IDbContextOptionsConfiguration<TDbContext>
    where TDbContext : DbContext
{
    public void Configure(IServiceProvider serviceProvider, DbContextOptionsBuilder optionsBuilder)
    {
        optionsBuilder
            .AddInterceptors(serviceProvider.GetRequiredService<OutboxInterceptor>())
            .ReplaceService<IBatchExecutor, OutboxBatchExecutor>();

        if (!isOfBus && serviceProvider.GetRequiredService<BusDatabase>() is { IsOfContext: true } database)
            database.Attach(optionsBuilder);
    }
}
