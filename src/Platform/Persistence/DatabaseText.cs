using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Cleans text before any database: NUL, which PostgreSQL refuses and at which SQLite's clients cut, and halves of surrogate pairs, which
/// have no UTF-8, become U+FFFD. Entity Framework's commands come by as an interceptor's; whoever makes parameters itself takes their
/// values through <see cref="Clean"/>.
/// </summary>
sealed class DatabaseText : DbCommandInterceptor
{
    public static readonly DatabaseText Interceptor = new();

    /// <summary>Cleans a parameter's value; null becomes the database's.</summary>
    public static object Clean(object? value) => value switch
    {
        null => DBNull.Value,
        string text => StorableText.Of(text),
        string[] texts => Array.ConvertAll(texts, StorableText.Of),
        _ => value,
    };

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        CleanAll(command);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        CleanAll(command);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        CleanAll(command);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        CleanAll(command);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        CleanAll(command);
        return result;
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        CleanAll(command);
        return ValueTask.FromResult(result);
    }

    static void CleanAll(DbCommand command)
    {
        foreach (DbParameter parameter in command.Parameters)
        {
            if (parameter.Value is string or string[] && Clean(parameter.Value) is var clean && !ReferenceEquals(clean, parameter.Value))
                parameter.Value = clean;
        }
    }
}
