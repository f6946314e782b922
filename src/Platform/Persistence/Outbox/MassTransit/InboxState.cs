namespace Maestro.Bus.Persistence;

/// <summary>
/// A row of the table in which MassTransit 8 notes what a consumer has handled. A context that maps it keeps its inbox there, so that hosts
/// of MassTransit and of this bus leave out what the other has handled.
/// </summary>
public sealed class InboxState
{
    /// <summary>The key.</summary>
    public long Id { get; set; }

    /// <summary>The id of the message.</summary>
    public Guid MessageId { get; set; }

    /// <summary>A hash of the endpoint's name and the consumer's type.</summary>
    public Guid ConsumerId { get; set; }

    /// <summary>Who handled it last.</summary>
    public Guid LockId { get; set; }

    /// <summary>Changes with the row, where the database can.</summary>
    public byte[]? RowVersion { get; set; }

    /// <summary>When it was received first.</summary>
    public DateTime Received { get; set; }

    /// <summary>How often it was received again.</summary>
    public int ReceiveCount { get; set; }

    /// <summary>When it expires; null if it does not.</summary>
    public DateTime? ExpirationTime { get; set; }

    /// <summary>When it was handled; null while it is not.</summary>
    public DateTime? Consumed { get; set; }

    /// <summary>When all that the consumer has sent was given to the broker; null while it is not.</summary>
    public DateTime? Delivered { get; set; }

    /// <summary>The last of what the consumer has sent that was given to the broker; null before the first.</summary>
    public long? LastSequenceNumber { get; set; }
}
