namespace Maestro.Bus.Persistence.Chaos;

/// <summary>What has been written, and what has been handled because of it.</summary>
public sealed class ChaosContext(DbContextOptions<ChaosContext> options) : DbContext(options)
{
    public DbSet<Written> Written => Set<Written>();

    public DbSet<Handled> Handled => Set<Handled>();
}

/// <summary>A number that was committed together with its message.</summary>
public sealed class Written
{
    public long Id { get; init; }

    public required string Key { get; init; }

    public int Value { get; init; }
}

/// <summary>A number whose message was handled.</summary>
public sealed class Handled
{
    public long Id { get; init; }

    public required string Key { get; init; }

    public int Value { get; init; }
}

/// <summary>A number of a key: 0, 1, 2 and so on.</summary>
public sealed record Number(string Key, int Value);
