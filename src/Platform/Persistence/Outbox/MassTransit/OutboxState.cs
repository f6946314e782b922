namespace Maestro.Bus.Persistence;

/// <summary>
/// A row of the table in which MassTransit 8 keeps what one scope has published. This bus writes none: it takes over those that hosts of
/// MassTransit have left.
/// </summary>
public sealed class OutboxState
{
    /// <summary>The key.</summary>
    public Guid OutboxId { get; set; }

    /// <summary>Who sends its messages.</summary>
    public Guid LockId { get; set; }

    /// <summary>Changes with the row, where the database can.</summary>
    public byte[]? RowVersion { get; set; }

    /// <summary>When it was written.</summary>
    public DateTime Created { get; set; }

    /// <summary>When all of its messages were given to the broker; null while they are not.</summary>
    public DateTime? Delivered { get; set; }

    /// <summary>The last message that was given to the broker; null before the first.</summary>
    public long? LastSequenceNumber { get; set; }
}
