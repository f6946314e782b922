using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Reads members of the JSON of stored sagas, in a database's language. Paths and values are parameters, which a function adds.
/// </summary>
abstract class StoredSagaColumns
{
    static readonly StoredSagaColumns Sqlite = new SqliteColumns();
    static readonly StoredSagaColumns PostgreSql = new PostgresColumns();

    public static StoredSagaColumns For(DatabaseProvider provider) => provider == DatabaseProvider.Sqlite ? Sqlite : PostgreSql;

    /// <summary>A member as text; null if it is null or does not exist.</summary>
    public abstract string Text(StoredSagaMember member, Func<object, string> add);

    /// <summary>What <see cref="Text"/> is for a value.</summary>
    public abstract string TextOf(JsonElement value);

    /// <summary>Compares a member that is a number.</summary>
    public abstract string Number(StoredSagaMember member, Func<object, string> add, string comparison);

    /// <summary>Tells two texts apart, also from null.</summary>
    public abstract string IsDistinct(string left, string right);

    /// <summary>Whether a member is null or does not exist.</summary>
    public string IsNull(StoredSagaMember member, Func<object, string> add, bool isNull) =>
        $"{Text(member, add)} IS {(isNull ? "" : "NOT ")}NULL";

    sealed class SqliteColumns : StoredSagaColumns
    {
        public override string Text(StoredSagaMember member, Func<object, string> add) => $"CAST({Value(member, add)} AS TEXT)";

        public override string TextOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.True => "1",
            JsonValueKind.False => "0",
            _ => value.GetRawText(),
        };

        public override string Number(StoredSagaMember member, Func<object, string> add, string comparison) =>
            $"{Value(member, add)} {comparison}";

        public override string IsDistinct(string left, string right) => $"{left} IS NOT {right}";

        static string Value(StoredSagaMember member, Func<object, string> add) =>
            $"json_extract(data, {add("$" + string.Concat(member.Path.Select(name => $".\"{name}\"")))})";
    }

    sealed class PostgresColumns : StoredSagaColumns
    {
        public override string Text(StoredSagaMember member, Func<object, string> add) => $"data #>> {add(member.Path.ToArray())}";

        public override string TextOf(JsonElement value) =>
            value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

        public override string Number(StoredSagaMember member, Func<object, string> add, string comparison)
        {
            var path = add(member.Path.ToArray());
            return $"CASE WHEN json_typeof(data #> {path}) = 'number' THEN CAST(data #>> {path} AS numeric) {comparison} ELSE false END";
        }

        public override string IsDistinct(string left, string right) => $"{left} IS DISTINCT FROM {right}";
    }
}
