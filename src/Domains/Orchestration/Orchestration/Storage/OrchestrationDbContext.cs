namespace MaestroBus.Orchestration;

public class OrchestrationDbContext(DbContextOptions options) : SagaDbContext(options)
{
    public DbSet<FlowSaga> Flows => Set<FlowSaga>();

    protected override IEnumerable<ISagaClassMap> Configurations => [new FlowSagaMap()];
}
