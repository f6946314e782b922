using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Orchestration;

static class GetFlowEndpoint
{
    public static async Task<Results<Ok<FlowView>, ProblemHttpResult>> Handle(
        Guid id, HttpContext http, ILoadSagaRepository<FlowSaga> flows) =>
        // Whether another tenant has a flow of this id is not told.
        await flows.Load(id) is { CurrentState: not ("" or "Initial") } flow && http.Caller().MayAccess(flow.TenantId)
            ? TypedResults.Ok(ViewOf(flow))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound,
                title: "Unknown flow",
                detail: $"There is no flow {id}. Check the id, or ask again: a flow that has just been accepted takes a moment to begin.");

    static FlowView ViewOf(FlowSaga flow) => new(
        flow.CorrelationId, flow.SpecificationId, flow.TenantId, flow.CurrentState, flow.Step, flow.StartedAt, flow.EndedAt, flow.History,
        flow.Failure,
        JsonElement.Parse(flow.Results));
}

sealed record FlowView(
    Guid Id,
    string SpecificationId,
    string Tenant,
    string State,
    string? Step,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<FlowHistoryEntry> History,
    string? Failure,
    JsonElement Results);
