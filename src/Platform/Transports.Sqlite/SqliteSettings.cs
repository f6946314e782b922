using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>The settings of the section <c>Bus:Sqlite</c>.</summary>
public sealed class SqliteSettings : IValidatableObject
{
    /// <summary>
    /// The file that holds the messages, on a local disk; a relative path is one below the content root. The file and its directory are
    /// created when they are missing.
    /// </summary>
    /// <value>The default is <c>bus.db</c> in <c>Bus:Data:Folder</c>.</value>
    [MinLength(1, ErrorMessage = "Name a file, such as data/bus.db, or leave it out.")]
    public string? Path { get; set; }

    /// <summary>What a confirmed message survives.</summary>
    /// <value>The default is <see cref="SqliteDurability.Full"/>.</value>
    public SqliteDurability Durability { get; set; } = SqliteDurability.Full;

    /// <summary>How long to wait for another program that is writing to the file.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many megabytes the file may grow to. When it is full, sends fail until consumers have made room.</summary>
    /// <value>There is no limit by default but the disk's.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number of megabytes from 1 to 10000000.")]
    public int? MaxSize { get; set; }

    /// <summary>How many pages the disk has room for, to see what happens when there are no more; none for the disk's own.</summary>
    internal int? DiskPages { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Path == ":memory:" || Path?.StartsWith("file:", StringComparison.OrdinalIgnoreCase) == true)
            yield return new ValidationResult("It is no file's path. For messages in memory set Bus:Transport to memory.", [nameof(Path)]);

        if (BusyTimeout < TimeSpan.FromMilliseconds(100) || BusyTimeout > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("Use a duration from 100ms to 1m.", [nameof(BusyTimeout)]);
    }
}
