namespace MaestroBus.Analytics;

public class AnalyticsDbContext : DbContext
{
    public AnalyticsDbContext(DbContextOptions<AnalyticsDbContext> options)
        : base(options)
    {
    }

    protected AnalyticsDbContext(DbContextOptions options)
        : base(options)
    {
    }

    public DbSet<UsageCounter> Usage => Set<UsageCounter>();

    public DbSet<CountedMessage> Counted => Set<CountedMessage>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<UsageCounter>(counter =>
        {
            counter.ToTable("AnalyticsUsage");
            counter.HasKey(usage => new { usage.TenantId, usage.Hour, usage.MessageType });
            counter.Property(usage => usage.TenantId).HasMaxLength(64);
            counter.Property(usage => usage.MessageType).HasMaxLength(256);
        });

        modelBuilder.Entity<CountedMessage>(counted =>
        {
            counted.ToTable("AnalyticsCounted");
            counted.HasKey(message => message.MessageId);
            counted.Property(message => message.MessageId).ValueGeneratedNever();
            counted.HasIndex(message => message.CountedAt);
        });
    }
}
