using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace MaestroBus.Persistence;

/// <summary>Tells which database a context is on.</summary>
public static class DatabaseFacadeExtensions
{
    /// <summary>Whether a context is on PostgreSQL. For what runs with each message: Entity Framework's own question puts an assembly's name together each time.</summary>
    public static bool IsPostgres(this DatabaseFacade database) => database.GetDbConnection() is NpgsqlConnection;
}
