namespace Maestro.Bus.Persistence;

/// <summary>Marks a context, derived from a domain's own, that holds the domain's migrations for one kind of database.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class MigrationsForAttribute(DatabaseProvider provider) : Attribute
{
    /// <summary>The kind of database.</summary>
    public DatabaseProvider Provider => provider;
}
