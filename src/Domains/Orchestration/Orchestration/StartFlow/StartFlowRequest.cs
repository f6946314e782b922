using System.Text.Json;

namespace MaestroBus.Orchestration;

/// <summary>
/// The body of <c>POST /flows</c>: a specification or the id of a loaded one, and optionally a tenant, a trigger and an id of the
/// caller's own.
/// </summary>
sealed class StartFlowRequest(
    FlowSpecifications specifications, OrchestrationSettings settings, string defaultTenant, BusCaller caller, FlowProblems problems)
{
    readonly JsonShape _shape = new(problems);

    /// <summary>Whether the request brings a specification of its own.</summary>
    public bool HasOwnSpecification { get; private set; }

    /// <returns>The command, or null if anything is wrong.</returns>
    public StartFlow? Read(ReadOnlySpan<byte> body)
    {
        if (JsonShape.Parse(body, settings.MaxDepth, problems) is not { } json
            || !_shape.IsObject(json, "$", "specification", "specificationId", "tenant", "trigger", "flowId"))
            return null;

        var specification = ReadSpecification(json);
        var tenant = ReadTenant(json, HasOwnSpecification ? null : specification) ?? specification?.Tenant
            ?? caller.TenantOr(defaultTenant);
        var ownId = ReadFlowId(json);

        return problems.All.Count == 0
            ? new StartFlow(
                ownId is { } id ? FlowId.OfRequest(tenant, id) : NewId.NextGuid(),
                specification!,
                tenant,
                JsonShape.Member(json, "trigger"))
            : null;
    }

    FlowSpecification? ReadSpecification(JsonElement json)
    {
        var inline = JsonShape.Member(json, "specification");
        var id = _shape.OptionalText(json, "$", "specificationId");
        HasOwnSpecification = inline is not null;

        if ((inline is null) == (JsonShape.Member(json, "specificationId") is null))
            problems.Add("$", "A request starts one flow. Use either specification or specificationId.");

        var specification = inline is { } document
            ? new FlowSpecificationReader(problems, settings).Read(document, "$.specification")
            : null;

        if (id is null)
            return specification;

        if (specifications.Find(id) is { } loaded && caller.MayStart(loaded))
            return loaded;

        problems.Add("$.specificationId", $"'{id}' is not loaded. GET /flows/specifications lists what is.");
        return null;
    }

    string? ReadTenant(JsonElement json, FlowSpecification? loaded)
    {
        var tenant = _shape.OptionalText(json, "$", "tenant");

        if (tenant is not null && !TenantHeader.IsValid(tenant))
            problems.Add("$.tenant", $"'{tenant}' is not a tenant's id. {TenantHeader.Rule}");
        else if (tenant is not null && loaded?.IsFor(tenant) == false)
            problems.Add("$.tenant", $"'{loaded.Id}' is for the tenant '{loaded.Tenant}', not for '{tenant}'. Leave tenant out.");

        return tenant;
    }

    Guid? ReadFlowId(JsonElement json)
    {
        if (_shape.OptionalText(json, "$", "flowId") is not { } text)
            return null;

        if (!Guid.TryParse(text, out var id) || id == Guid.Empty)
            problems.Add("$.flowId", $"'{text}' is not a flow's id. Use a UUID that is not all zeros, or leave it out.");

        return id;
    }
}
