using System.Globalization;
using System.Numerics;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Maestro.Bus.Persistence;

/// <summary>
/// The concurrency token of a saga: its own, whatever its type, or one that is added to its table. Where the database does not change it
/// with each update, the bus does.
/// </summary>
static class SagaVersion
{
    const string System = "xmin";
    const string Own = "RowVersion";
    const string Added = "SagaVersion";
    const int Bytes = 8;

    /// <summary>Gives a saga a token if it has none, and makes a token writable that the database does not change.</summary>
    /// <param name="entity">The saga's mapping.</param>
    /// <param name="context">The context whose model it is.</param>
    public static void Map(EntityTypeBuilder entity, DbContext context)
    {
        var isPostgres = context.Database.IsNpgsql();
        if (!Tokens(entity.Metadata).Any() && !IsMigratedWithout(entity.Metadata, context))
            Add(entity, isPostgres);

        MakeWritable(entity, isPostgres);
    }

    /// <summary>
    /// Makes the tokens of a saga writable that no database changes by itself. Its column stays as it is: that concerns no migration.
    /// </summary>
    /// <param name="entity">The saga's mapping.</param>
    /// <param name="isPostgres">Whether the database is PostgreSQL; null if that is not known.</param>
    public static void MakeWritable(EntityTypeBuilder entity, bool? isPostgres = null)
    {
        foreach (var token in Tokens(entity.Metadata).Where(token =>
            token.ValueGenerated == ValueGenerated.OnAddOrUpdate && token.GetDefaultValueSql() is null
                && token.GetComputedColumnSql() is null))
        {
            // PostgreSQL keeps the number of the transaction that wrote a row, and Npgsql's provider reads it as a uint.
            if (token.ClrType == typeof(uint) && isPostgres != false)
                continue;

            token.SetBeforeSaveBehavior(PropertySaveBehavior.Save);
            token.SetAfterSaveBehavior(PropertySaveBehavior.Save);
        }
    }

    /// <summary>Tells whether a saga's changes are checked against a token.</summary>
    public static bool Has(IEntityType saga) => saga.GetProperties().Any(property => property.IsConcurrencyToken);

    /// <summary>
    /// Gives a saga that is about to be inserted the first value of a token that must not be null. Entity Framework leaves the default of
    /// one that a database generates to the database.
    /// </summary>
    public static void Begin(EntityEntry entry)
    {
        foreach (var token in Writable(entry))
        {
            if (token.CurrentValue is null
                || (token.Metadata.ValueGenerated != ValueGenerated.Never && Equals(token.CurrentValue, token.Metadata.Sentinel)))
                token.CurrentValue = Next(token.CurrentValue, token.Metadata.ClrType);
        }
    }

    /// <summary>Raises the tokens of a saga that is about to be saved, unless its own code has changed them.</summary>
    public static void Raise(EntityEntry entry)
    {
        if (entry.State != EntityState.Modified)
            return;

        foreach (var token in Writable(entry).Where(token => !token.IsModified))
            token.CurrentValue = Next(token.CurrentValue, token.Metadata.ClrType);
    }

    static IEnumerable<IMutableProperty> Tokens(IMutableEntityType entity) =>
        entity.GetProperties().Where(property => property.IsConcurrencyToken);

    static IEnumerable<PropertyEntry> Writable(EntityEntry entry) => entry.Properties.Where(property =>
        property.Metadata.IsConcurrencyToken && property.Metadata.GetAfterSaveBehavior() == PropertySaveBehavior.Save
        && IsKnown(property.Metadata.ClrType));

    static void Add(EntityTypeBuilder entity, bool isPostgres)
    {
        if (isPostgres)
            entity.Property<uint>(System).IsRowVersion();
        else if (entity.Metadata.FindProperty(Own) is not { } own)
            AddNumber(entity, Own);
        else if (IsKnown(own.ClrType))
            entity.Property(own.ClrType, Own).IsConcurrencyToken();
        else
            AddNumber(entity, Added);
    }

    static void AddNumber(EntityTypeBuilder entity, string name) =>
        entity.Property<long>(name).IsConcurrencyToken().HasDefaultValue(0L).ValueGeneratedNever();

    // Tables whose migrations know the saga and no token are somebody's who has none: a context of MassTransit's, with pessimistic sagas.
    static bool IsMigratedWithout(IMutableEntityType saga, DbContext context) =>
        context.Database.IsRelational()
            && context.GetService<IMigrationsAssembly>().ModelSnapshot?.Model.FindEntityType(saga.Name) is { } known && !Has(known);

    static bool IsKnown(Type type)
    {
        var known = Nullable.GetUnderlyingType(type) ?? type;
        return known == typeof(byte[]) || known == typeof(string) || known == typeof(Guid) || known == typeof(DateTime)
            || known == typeof(DateTimeOffset) || IsNumber(known);
    }

    static bool IsNumber(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal && !type.IsEnum;

    static object? Next(object? value, Type type)
    {
        var known = Nullable.GetUnderlyingType(type) ?? type;
        if (known == typeof(byte[]))
            return Next((byte[]?)value);
        if (known == typeof(string))
            return Text(BigInteger.TryParse((string?)value, CultureInfo.InvariantCulture, out var number) ? number + 1 : 1);
        if (known == typeof(Guid))
            return NewId.NextGuid();
        if (known == typeof(DateTime))
            return Later((DateTime?)value ?? default);
        if (known == typeof(DateTimeOffset))
            return new DateTimeOffset(Later(((DateTimeOffset?)value ?? default).UtcDateTime));

        // The greatest number is followed by the least.
        var current = value is null ? 0m : Convert.ToDecimal(value, CultureInfo.InvariantCulture);
        return Convert.ChangeType(current >= Greatest(known) ? 0m : current + 1, known, CultureInfo.InvariantCulture);
    }

    static byte[] Next(byte[]? value)
    {
        var next = value is { Length: > 0 } ? (byte[])value.Clone() : new byte[Bytes];
        for (var i = next.Length - 1; i >= 0 && ++next[i] == 0; i--)
        {
            // Carries.
        }

        return next;
    }

    static string Text(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    // Databases round to microseconds, and clocks may stand still or go back.
    static DateTime Later(DateTime before)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var next = now > before ? now : before.AddMilliseconds(1);
        return new DateTime(next.Ticks - (next.Ticks % TimeSpan.TicksPerMillisecond) + TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);
    }

    static decimal Greatest(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.SByte => sbyte.MaxValue,
        TypeCode.Byte => byte.MaxValue,
        TypeCode.Int16 => short.MaxValue,
        TypeCode.UInt16 => ushort.MaxValue,
        TypeCode.Int32 => int.MaxValue,
        TypeCode.UInt32 => uint.MaxValue,
        TypeCode.Int64 => long.MaxValue,
        TypeCode.UInt64 => ulong.MaxValue,
        _ => 1_000_000_000,
    };
}
