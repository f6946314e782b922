using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>Makes and runs statements with named parameters, on whichever database a connection is of.</summary>
static class DatabaseCommands
{
    /// <summary>Runs a statement.</summary>
    /// <returns>The number of rows that it has changed.</returns>
    public static async Task<int> Execute(
        DbConnection connection, DbTransaction? transaction, string statement, CancellationToken cancellationToken,
        params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = Command(connection, transaction, statement, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes a command.</summary>
    public static DbCommand Command(
        DbConnection connection, DbTransaction? transaction, string statement,
        params IEnumerable<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement;
        command.Transaction = transaction;
        Set(command, parameters);
        return command;
    }

    /// <summary>Gives a command these parameters in place of those that it has.</summary>
    public static void Set(DbCommand command, IEnumerable<(string Name, object? Value)> parameters)
    {
        command.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = DatabaseText.Clean(value);
            command.Parameters.Add(parameter);
        }
    }
}
