using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What MassTransit's migrations have made is what the model asks for, so that a move needs no migration.</summary>
public sealed class OutboxModelTests(PostgresFixture postgres)
{
    [Fact]
    public void A_context_moved_from_MassTransit_has_no_pending_changes_on_PostgreSql()
    {
        using var context = new MovedPostgresContext(
            new DbContextOptionsBuilder<MovedPostgresContext>().UseNpgsql("Host=localhost;Database=design").Options);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public void A_context_moved_from_MassTransit_has_no_pending_changes_on_Sqlite()
    {
        using var context = new MovedSqliteContext(
            new DbContextOptionsBuilder<MovedSqliteContext>().UseSqlite("Data Source=design.db").Options);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    /// <summary>Guards the tables that the other tests lay down: the mapping makes the same.</summary>
    [Fact]
    public async Task The_mapping_creates_the_published_tables()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var options = new DbContextOptionsBuilder<ParcelContext>();
        await using var created = new ParcelContext(options.UseNpgsql(await postgres.Server.CreateDatabase(cancellation)).Options);
        await created.Database.EnsureCreatedAsync(cancellation);
        await using var laid = new ParcelContext(options.UseNpgsql(await postgres.Server.CreateDatabase(cancellation)).Options);
        await laid.Database.ExecuteSqlRawAsync(PublishedSchema.Postgres, cancellation);

        Assert.Equal(await Shape(laid), await Shape(created));
    }

    static async Task<IReadOnlyList<string>> Shape(DbContext context) => await context.Database
        .SqlQueryRaw<string>("""
            SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable, is_identity) AS "Value"
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            ORDER BY 1
            """)
        .ToListAsync(TestContext.Current.CancellationToken);
}

public sealed class MovedPostgresContext(DbContextOptions<MovedPostgresContext> options) : MovedContext(options);

public sealed class MovedSqliteContext(DbContextOptions<MovedSqliteContext> options) : MovedContext(options);

/// <summary>An application's context with the outbox and a saga that has no token, as MassTransit's pessimistic ones have none.</summary>
public abstract class MovedContext(DbContextOptions options) : SagaDbContext(options)
{
    protected override IEnumerable<ISagaClassMap> Configurations => [new MovedSagaMap()];

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.AddTransactionalOutboxEntities();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<string>().HaveMaxLength(64);

    sealed class MovedSagaMap : SagaClassMap<MovedSaga>;
}

public sealed class MovedSaga : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";
}

/// <summary>The snapshot beside such a context's migrations, as Entity Framework writes it for MassTransit's classes.</summary>
public abstract class PublishedSnapshot(string integer, string number, string id, string text, string time, string bytes, string address)
    : ModelSnapshot
{
    protected override void BuildModel(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity("MassTransit.EntityFrameworkCoreIntegration.InboxState", entity =>
        {
            Generated(entity.Property<long>("Id").ValueGeneratedOnAdd().HasColumnType(number));
            Optional<DateTime?>(entity, "Consumed", time);
            entity.Property<Guid>("ConsumerId").HasColumnType(id);
            Optional<DateTime?>(entity, "Delivered", time);
            Optional<DateTime?>(entity, "ExpirationTime", time);
            Optional<long?>(entity, "LastSequenceNumber", number);
            entity.Property<Guid>("LockId").HasColumnType(id);
            entity.Property<Guid>("MessageId").HasColumnType(id);
            entity.Property<int>("ReceiveCount").HasColumnType(integer);
            entity.Property<DateTime>("Received").HasColumnType(time);
            entity.Property<byte[]>("RowVersion").IsConcurrencyToken().ValueGeneratedOnAddOrUpdate().HasColumnType(bytes);
            entity.HasKey("Id");
            entity.HasAlternateKey("MessageId", "ConsumerId");
            entity.HasIndex("Delivered");
            entity.ToTable("InboxState");
        });
        modelBuilder.Entity("MassTransit.EntityFrameworkCoreIntegration.OutboxMessage", entity =>
        {
            Generated(entity.Property<long>("SequenceNumber").ValueGeneratedOnAdd().HasColumnType(number));
            entity.Property<string>("Body").IsRequired().HasColumnType(text);
            entity.Property<string>("ContentType").IsRequired().HasMaxLength(256).HasColumnType(address);
            string[] ids = ["ConversationId", "CorrelationId", "InboxConsumerId", "InboxMessageId", "InitiatorId", "OutboxId", "RequestId"];
            foreach (var name in ids)
                Optional<Guid?>(entity, name, id);
            foreach (var name in new[] { "DestinationAddress", "FaultAddress", "ResponseAddress", "SourceAddress" })
                entity.Property<string>(name).HasMaxLength(256).HasColumnType(address);
            Optional<DateTime?>(entity, "EnqueueTime", time);
            Optional<DateTime?>(entity, "ExpirationTime", time);
            Optional<string>(entity, "Headers", text);
            entity.Property<Guid>("MessageId").HasColumnType(id);
            entity.Property<string>("MessageType").IsRequired().HasColumnType(text);
            Optional<string>(entity, "Properties", text);
            entity.Property<DateTime>("SentTime").HasColumnType(time);
            entity.HasKey("SequenceNumber");
            entity.HasIndex("EnqueueTime");
            entity.HasIndex("ExpirationTime");
            entity.HasIndex("OutboxId", "SequenceNumber").IsUnique();
            entity.HasIndex("InboxMessageId", "InboxConsumerId", "SequenceNumber").IsUnique();
            entity.ToTable("OutboxMessage");
        });
        modelBuilder.Entity("MassTransit.EntityFrameworkCoreIntegration.OutboxState", entity =>
        {
            entity.Property<Guid>("OutboxId").ValueGeneratedOnAdd().HasColumnType(id);
            entity.Property<DateTime>("Created").HasColumnType(time);
            Optional<DateTime?>(entity, "Delivered", time);
            Optional<long?>(entity, "LastSequenceNumber", number);
            entity.Property<Guid>("LockId").HasColumnType(id);
            entity.Property<byte[]>("RowVersion").IsConcurrencyToken().ValueGeneratedOnAddOrUpdate().HasColumnType(bytes);
            entity.HasKey("OutboxId");
            entity.HasIndex("Created");
            entity.ToTable("OutboxState");
        });
        modelBuilder.Entity(typeof(MovedSaga).FullName!, entity =>
        {
            entity.Property<Guid>("CorrelationId").HasColumnType(id);
            entity.Property<string>("CurrentState").IsRequired().HasMaxLength(64).HasColumnType(address.Replace("256", "64"));
            entity.HasKey("CorrelationId");
            entity.ToTable("MovedSaga");
        });
        modelBuilder.Entity("MassTransit.EntityFrameworkCoreIntegration.OutboxMessage", entity =>
        {
            entity.HasOne("MassTransit.EntityFrameworkCoreIntegration.OutboxState", null).WithMany().HasForeignKey("OutboxId");
            entity.HasOne("MassTransit.EntityFrameworkCoreIntegration.InboxState", null).WithMany()
                .HasForeignKey("InboxMessageId", "InboxConsumerId").HasPrincipalKey("MessageId", "ConsumerId");
        });
    }

    protected abstract void Generated(PropertyBuilder<long> property);

    static void Optional<T>(EntityTypeBuilder entity, string name, string type) =>
        entity.Property<T>(name).HasColumnType(type);
}

[DbContext(typeof(MovedPostgresContext))]
public sealed class PublishedPostgresSnapshot()
    : PublishedSnapshot("integer", "bigint", "uuid", "text", "timestamp with time zone", "bytea", "character varying(256)")
{
    protected override void BuildModel(ModelBuilder modelBuilder)
    {
        modelBuilder.HasAnnotation("ProductVersion", "8.0.8").HasAnnotation("Relational:MaxIdentifierLength", 63);
        modelBuilder.UseIdentityByDefaultColumns();
        base.BuildModel(modelBuilder);
    }

    protected override void Generated(PropertyBuilder<long> property) =>
        property.UseIdentityByDefaultColumn();
}

[DbContext(typeof(MovedSqliteContext))]
public sealed class PublishedSqliteSnapshot() : PublishedSnapshot("INTEGER", "INTEGER", "TEXT", "TEXT", "TEXT", "BLOB", "TEXT")
{
    protected override void BuildModel(ModelBuilder modelBuilder)
    {
        modelBuilder.HasAnnotation("ProductVersion", "8.0.8");
        base.BuildModel(modelBuilder);
    }

    protected override void Generated(PropertyBuilder<long> property)
    {
    }
}
