namespace Maestro.Bus.Admin.Chaos;

/// <summary>What the handled messages have left behind.</summary>
public sealed class Effects(DbContextOptions<Effects> options) : DbContext(options)
{
    public DbSet<Effect> All => Set<Effect>();
}

/// <summary>A message has been handled.</summary>
public sealed class Effect
{
    public long Id { get; init; }

    public required string Kind { get; init; }

    public int Number { get; init; }

    public required string Text { get; init; }

    public required string Queue { get; init; }
}
