namespace Maestro.Bus.Ledger.Chaos;

/// <summary>The table of what has been handled. Nothing in it is unique, so that what is handled twice is there twice.</summary>
public sealed class LedgerContext(DbContextOptions<LedgerContext> options) : DbContext(options)
{
    public DbSet<LedgerRow> Rows => Set<LedgerRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<LedgerRow>(row =>
        {
            row.ToTable("ledger_row");
            row.HasIndex(entry => entry.HandledAt);
        });
    }
}

/// <summary>An entry that was handled.</summary>
public sealed class LedgerRow
{
    public long Id { get; init; }

    public required string Key { get; init; }

    public int Value { get; init; }

    /// <summary>When, in milliseconds since 1970.</summary>
    public long HandledAt { get; init; }
}
