namespace Acme.Orders;

/// <summary>What MassTransit.EntityFrameworkCore calls so. The tables are laid down as it publishes them, and written in SQL.</summary>
static class Mapping
{
    public static void AddInboxStateEntity(this ModelBuilder model) => ArgumentNullException.ThrowIfNull(model);

    public static void AddOutboxMessageEntity(this ModelBuilder model) => ArgumentNullException.ThrowIfNull(model);

    public static void AddOutboxStateEntity(this ModelBuilder model) => ArgumentNullException.ThrowIfNull(model);
}
