using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Orchestration;

/// <summary>What callers may do with flows beyond what an endpoint's role says.</summary>
static class FlowAccess
{
    static readonly AccessRequirement OwnSpecification = new([AccessRole.Operator]);

    /// <summary>
    /// Tells whether a caller sees a loaded specification and may start it: one that is made for a tenant belongs to that tenant.
    /// </summary>
    public static bool MayStart(this BusCaller caller, FlowSpecification specification) =>
        specification.Tenant is not { } tenant || caller.MayAccess(tenant);

    /// <summary>Tells whether a loaded specification runs for a tenant: one that names a tenant runs for no other.</summary>
    public static bool IsFor(this FlowSpecification specification, string tenant) =>
        specification.Tenant is null || specification.Tenant == tenant;

    /// <summary>
    /// Refuses a caller that brings a specification of its own without being an operator of all tenants: its steps call the configured
    /// addresses with credentials that know no
    /// tenants.
    /// </summary>
    /// <returns>The answer 403 with a problem, or null if the caller may.</returns>
    public static ProblemHttpResult? RefuseOwnSpecification(this BusCaller caller) =>
        OwnSpecification.IsMetBy(caller.Role) && caller.Tenants is null
            ? null
            : TypedResults.Problem(
                statusCode: StatusCodes.Status403Forbidden,
                title: "The flow may not be started.",
                detail: $"A specification in the request needs the role operator for all tenants; the caller {caller.Name} has the role " +
                    $"{caller.Role.ToString().ToLowerInvariant()} for {caller.TenantNames}. " +
                    "Start a loaded specification with specificationId.");
}
