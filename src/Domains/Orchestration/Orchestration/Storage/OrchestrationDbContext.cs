namespace MaestroBus.Orchestration;

public class OrchestrationDbContext : SagaDbContext
{
    public OrchestrationDbContext(DbContextOptions<OrchestrationDbContext> options)
        : base(options)
    {
    }

    protected OrchestrationDbContext(DbContextOptions options)
        : base(options)
    {
    }

    public DbSet<FlowSaga> Flows => Set<FlowSaga>();

    protected override IEnumerable<ISagaClassMap> Configurations => [new FlowSagaMap()];
}
