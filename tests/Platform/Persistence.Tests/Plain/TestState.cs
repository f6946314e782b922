namespace Maestro.Bus.Persistence.Tests;

/// <summary>A file of SQLite that nobody else uses.</summary>
sealed class TestState
{
    readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "state.db");

    public void Use(DbContextOptionsBuilder options) => options.UseSqlite($"Data Source={_path}");
}
