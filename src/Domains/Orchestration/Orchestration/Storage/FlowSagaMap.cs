using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MaestroBus.Orchestration;

sealed class FlowSagaMap : SagaClassMap<FlowSaga>
{
    // The list is replaced, never changed, so that another list is another history.
    static readonly ValueComparer<List<FlowHistoryEntry>> ByReference = new(
        (one, other) => ReferenceEquals(one, other), history => RuntimeHelpers.GetHashCode(history), history => history);

    protected override void Configure(EntityTypeBuilder<FlowSaga> entity, ModelBuilder model)
    {
        entity.ToTable("OrchestrationFlows");
        entity.Property(flow => flow.CurrentState).HasMaxLength(64);
        entity.Property(flow => flow.TenantId).HasMaxLength(64);
        entity.HasIndex(flow => flow.WaitingSince).HasFilter("\"WaitingSince\" IS NOT NULL");
        entity.Property(flow => flow.History).HasConversion(
            history => JsonSerializer.Serialize(history, JsonSerializerOptions.Web),
            text => JsonSerializer.Deserialize<List<FlowHistoryEntry>>(text, JsonSerializerOptions.Web)!,
            ByReference);
    }
}
