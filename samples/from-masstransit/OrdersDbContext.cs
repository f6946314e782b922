namespace Acme.Orders;

public class OrdersDbContext(DbContextOptions<OrdersDbContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public DbSet<JournalEntry> Journal => Set<JournalEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OrderState>(order =>
        {
            order.HasKey(x => x.CorrelationId);
            order.Property(x => x.CurrentState).HasMaxLength(64);
            order.Property(x => x.RowVersion).IsRowVersion();
        });
        modelBuilder.AddInboxStateEntity();
        modelBuilder.AddOutboxMessageEntity();
        modelBuilder.AddOutboxStateEntity();
    }
}

public class Order
{
    public Guid Id { get; set; }

    public required string Customer { get; set; }

    public decimal Amount { get; set; }
}

/// <summary>Who did what for an order, because of which message.</summary>
public class JournalEntry
{
    public long Id { get; set; }

    public Guid OrderId { get; set; }

    public required string What { get; set; }

    public Guid MessageId { get; set; }

    public required string Application { get; set; }
}
