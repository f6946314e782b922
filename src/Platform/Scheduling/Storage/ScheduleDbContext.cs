namespace Maestro.Bus.Scheduling;

/// <summary>The scheduler's tables. They are the platform's, so that its own migrations make them.</summary>
sealed class ScheduleDbContext(DbContextOptions<ScheduleDbContext> options) : DbContext(options)
{
    public DbSet<ScheduleRow> Schedules => Set<ScheduleRow>();

    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<MessageRow> Messages => Set<MessageRow>();

    public DbSet<CancelledRow> Cancelled => Set<CancelledRow>();

    public DbSet<DeclarationRow> Declarations => Set<DeclarationRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ScheduleRow>(schedule =>
        {
            schedule.ToTable("schedule_definition", table => table.ExcludeFromMigrations());
            schedule.HasKey(row => row.Name);
        });
        modelBuilder.Entity<RunRow>(run =>
        {
            run.ToTable("schedule_run", table => table.ExcludeFromMigrations());
            run.Property(row => row.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<MessageRow>(message =>
        {
            message.ToTable("schedule_message", table => table.ExcludeFromMigrations());
            message.HasKey(row => row.Token);
            message.Property(row => row.Token).ValueGeneratedNever();
        });
        modelBuilder.Entity<CancelledRow>(cancelled =>
        {
            cancelled.ToTable("schedule_cancelled", table => table.ExcludeFromMigrations());
            cancelled.HasKey(row => row.Token);
            cancelled.Property(row => row.Token).ValueGeneratedNever();
        });
        modelBuilder.Entity<DeclarationRow>(declaration =>
        {
            declaration.ToTable("schedule_declaration", table => table.ExcludeFromMigrations());
            declaration.HasKey(row => new { row.Owner, row.Fingerprint });
        });

        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(
                string.Concat(property.Name.Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{letter}"))
                    .ToLowerInvariant());
    }
}
