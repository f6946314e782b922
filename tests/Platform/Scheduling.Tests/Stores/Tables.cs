using System.Data.Common;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>A host's tables.</summary>
static class Tables
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<long> Count(this TestHost host, string table) =>
        Run(host, $"SELECT count(*) FROM {table}", async command =>
            Convert.ToInt64(await command.ExecuteScalarAsync(Cancellation), System.Globalization.CultureInfo.InvariantCulture));

    public static Task<int> Execute(this TestHost host, string statement) =>
        Run(host, statement, command => command.ExecuteNonQueryAsync(Cancellation));

    public static Task<IReadOnlyList<string>> Strings(
        this TestHost host, string query) => Run<IReadOnlyList<string>>(host, query, async command =>
    {
        List<string> strings = [];
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
            strings.Add(reader.GetString(0));
        return strings;
    });

    static async Task<T> Run<T>(TestHost host, string statement, Func<DbCommand, Task<T>> run)
    {
        await using var connection = await host.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await run(command);
    }
}
