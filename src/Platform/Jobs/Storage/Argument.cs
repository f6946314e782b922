using System.Data;

namespace Maestro.Bus.Jobs;

/// <summary>A statement's argument. Its type is known even where it has no value, which PostgreSQL needs.</summary>
readonly record struct Argument(string Name, DbType Type, object? Value)
{
    public static Argument Of(string name, string? value) => new(name, DbType.String, value is null ? null : StorableText.Of(value));

    public static Argument Of(string name, long? value) => new(name, DbType.Int64, value);

    public static Argument Of(string name, int? value) => new(name, DbType.Int32, value);

    public static Argument Of(string name, Guid? value) => new(name, DbType.Guid, value);
}
