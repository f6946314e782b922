namespace Maestro.Bus.Benchmarks;

/// <summary>The state that messages are published with: one row for each.</summary>
public sealed class OrderContext(DbContextOptions<OrderContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>(order =>
    {
        order.ToTable("orders");
        order.Property(o => o.Id).HasColumnName("id").ValueGeneratedNever();
        order.Property(o => o.Number).HasColumnName("number");
    });
}

/// <summary>A row of state.</summary>
public sealed class Order
{
    public Guid Id { get; init; }

    public int Number { get; init; }
}
