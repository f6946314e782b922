namespace Maestro.Bus.Riders.Chaos;

/// <summary>A number of a key: 0, 1, 2 and so on.</summary>
public sealed record Counted(string Key, int Number);

/// <summary>A number that was handled.</summary>
public sealed record Noted(string Key, int Number);

/// <summary>The numbers that were handled.</summary>
public sealed class CountContext(DbContextOptions<CountContext> options) : DbContext(options)
{
    public DbSet<Count> Counts => Set<Count>();
}

/// <summary>A number that was handled.</summary>
public sealed class Count
{
    public long Id { get; init; }

    public required string Key { get; init; }

    public int Number { get; init; }
}
