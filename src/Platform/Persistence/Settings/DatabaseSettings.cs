using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Persistence;

/// <summary>The settings of the section <c>Bus:Database</c>.</summary>
public sealed class DatabaseSettings : IValidatableObject
{
    internal const string Section = "Database";

    /// <summary>The kind of database that the domains' state is kept in.</summary>
    /// <value>The default is <see cref="DatabaseProvider.Sqlite"/>.</value>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>
    /// The file of an SQLite database, on a local disk; a relative path is one below the content root. The file and its directory are
    /// created when they are missing.
    /// </summary>
    /// <value>The default is <c>state.db</c> in <c>Bus:Data:Folder</c>.</value>
    [MinLength(1, ErrorMessage = "Name a file, such as data/state.db, or leave it out.")]
    public string? Path { get; set; }

    /// <summary>How to reach a PostgreSQL database, such as <c>Host=localhost;Database=bus;Username=bus;Password=…</c>.</summary>
    /// <value>There is no default; PostgreSQL needs it.</value>
    [Secret]
    public string? ConnectionString { get; set; }

    /// <summary>
    /// How the connections to PostgreSQL are encrypted. Not set, the connection string says so; its default is TLS where the server offers
    /// it, without a look at the server's certificate.
    /// </summary>
    public TlsSettings Tls { get; set; } = new();

    /// <summary>
    /// What stands between the bus and PostgreSQL. A start through a pooler that this does not name stops.
    /// </summary>
    /// <value>The default is <see cref="DatabasePooler.None"/>.</value>
    public DatabasePooler Pooler { get; set; } = DatabasePooler.None;

    /// <summary>
    /// Whether a start creates and upgrades the tables. Otherwise the command <c>migrate</c> does, and a start on a database that lacks
    /// something stops.
    /// </summary>
    /// <value>The default is <c>true</c> on SQLite and in the environment Development, <c>false</c> elsewhere.</value>
    public bool? Migrate { get; set; }

    /// <summary>How messages that were written with a domain's state are sent.</summary>
    public OutboxSettings Outbox { get; set; } = new();

    /// <summary>How long handled messages are remembered.</summary>
    public InboxSettings Inbox { get; set; } = new();

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Path == ":memory:" || Path?.StartsWith("file:", StringComparison.OrdinalIgnoreCase) == true)
            yield return new ValidationResult("It is no file's path. State is always kept in a file.", [nameof(Path)]);

        if (Provider == DatabaseProvider.PostgreSql && string.IsNullOrWhiteSpace(ConnectionString))
            yield return new ValidationResult(
                "PostgreSQL needs it: Host=localhost;Database=bus;Username=bus;Password=…", [nameof(ConnectionString)]);

        if (Pooler == DatabasePooler.Transaction && ConnectionString?.Contains("Auto Prepare", StringComparison.OrdinalIgnoreCase) == true)
            yield return new ValidationResult(
                "ConnectionString has Max Auto Prepare, and the pooler gives sessions away after each transaction. Leave it out.",
                [nameof(Pooler)]);

        if (Tls.IsSet && ConnectionStringTls.Keywords(ConnectionString) is { Count: > 0 } keywords)
            yield return new ValidationResult(
                $"Tls holds settings, and ConnectionString has {string.Join(", ", keywords)}, which say something of their own. "
                + "Keep Tls, and leave them out of the connection string.");
    }
}
