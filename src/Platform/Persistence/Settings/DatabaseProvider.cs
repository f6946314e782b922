namespace Maestro.Bus.Persistence;

/// <summary>The databases that a domain's state can be kept in.</summary>
public enum DatabaseProvider
{
    /// <summary>A file of this machine: nothing to install.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, which several hosts can share.</summary>
    PostgreSql,
}
