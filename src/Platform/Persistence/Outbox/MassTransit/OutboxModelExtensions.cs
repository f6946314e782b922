using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Maps the tables of MassTransit 8's outbox and inbox in a context that had them there, by the same names, columns, keys and indexes: its
/// migrations have nothing to change. A new context needs none of them.
/// </summary>
public static class OutboxModelExtensions
{
    const int AddressLength = 256;

    /// <summary>Maps all three tables.</summary>
    /// <param name="modelBuilder">The context's model.</param>
    /// <param name="callback">Changes the mapping of each table, such as its name or schema.</param>
    public static void AddTransactionalOutboxEntities(this ModelBuilder modelBuilder, Action<EntityTypeBuilder>? callback = null)
    {
        modelBuilder.AddInboxStateEntity(callback);
        modelBuilder.AddOutboxStateEntity(callback);
        modelBuilder.AddOutboxMessageEntity(callback);
    }

    /// <summary>Maps the table of what has been handled, and has the context's inbox kept there.</summary>
    /// <param name="modelBuilder">The context's model.</param>
    /// <param name="callback">Changes the mapping, such as the table's name or schema.</param>
    public static void AddInboxStateEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<InboxState>>? callback = null) =>
        Add(modelBuilder, ConfigureInboxStateEntity, callback);

    /// <summary>Maps the table of outboxes, and has those taken over that hosts of MassTransit have left.</summary>
    /// <param name="modelBuilder">The context's model.</param>
    /// <param name="callback">Changes the mapping, such as the table's name or schema.</param>
    public static void AddOutboxStateEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<OutboxState>>? callback = null) =>
        Add(modelBuilder, ConfigureOutboxStateEntity, callback);

    /// <summary>Maps the table of messages, and has those taken over that hosts of MassTransit have left.</summary>
    /// <param name="modelBuilder">The context's model.</param>
    /// <param name="callback">Changes the mapping, such as the table's name or schema.</param>
    public static void AddOutboxMessageEntity(
        this ModelBuilder modelBuilder, Action<EntityTypeBuilder<OutboxMessage>>? callback = null) =>
        Add(modelBuilder, ConfigureOutboxMessageEntity, callback);

    /// <summary>Maps the table of what has been handled.</summary>
    public static void ConfigureInboxStateEntity(this EntityTypeBuilder<InboxState> inbox)
    {
        inbox.HasKey(state => state.Id);
        inbox.HasAlternateKey(state => new { state.MessageId, state.ConsumerId });
        inbox.HasIndex(state => state.Delivered);
        inbox.Property(state => state.RowVersion).IsRowVersion();
        LeaveLengthsOpen(inbox);
    }

    /// <summary>Maps the table of outboxes.</summary>
    public static void ConfigureOutboxStateEntity(this EntityTypeBuilder<OutboxState> outbox)
    {
        outbox.HasKey(state => state.OutboxId);
        outbox.HasIndex(state => state.Created);
        outbox.Property(state => state.RowVersion).IsRowVersion();
        LeaveLengthsOpen(outbox);
    }

    /// <summary>Maps the table of messages.</summary>
    public static void ConfigureOutboxMessageEntity(this EntityTypeBuilder<OutboxMessage> outbox)
    {
        LeaveLengthsOpen(outbox);
        outbox.HasKey(message => message.SequenceNumber);
        outbox.HasIndex(message => message.EnqueueTime);
        outbox.HasIndex(message => message.ExpirationTime);
        outbox.HasIndex(message => new { message.OutboxId, message.SequenceNumber }).IsUnique();
        outbox.HasIndex(message => new { message.InboxMessageId, message.InboxConsumerId, message.SequenceNumber }).IsUnique();

        outbox.Property(message => message.SourceAddress).HasMaxLength(AddressLength);
        outbox.Property(message => message.DestinationAddress).HasMaxLength(AddressLength);
        outbox.Property(message => message.ResponseAddress).HasMaxLength(AddressLength);
        outbox.Property(message => message.FaultAddress).HasMaxLength(AddressLength);
        outbox.Property(message => message.ContentType).HasMaxLength(AddressLength);

        outbox.HasOne<OutboxState>().WithMany().HasForeignKey(message => message.OutboxId).IsRequired(false);
        outbox.HasOne<InboxState>().WithMany()
            .HasForeignKey(message => new { message.InboxMessageId, message.InboxConsumerId })
            .HasPrincipalKey(state => new { state.MessageId, state.ConsumerId })
            .IsRequired(false);
    }

    static void Add<T>(ModelBuilder model, Action<EntityTypeBuilder<T>> configure, Action<EntityTypeBuilder<T>>? callback)
        where T : class
    {
        var entity = model.Entity<T>();
        configure(entity);
        callback?.Invoke(entity);
    }

    // A context may limit all of its texts by a convention; bodies and headers have no limit.
    static void LeaveLengthsOpen(EntityTypeBuilder entity)
    {
        foreach (var property in entity.Metadata.GetProperties())
            property.SetMaxLength(null);
    }
}
