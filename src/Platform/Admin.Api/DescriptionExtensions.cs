namespace Maestro.Bus.Admin.Api;

/// <summary>Tells the OpenAPI document what an endpoint answers.</summary>
public static class DescriptionExtensions
{
    /// <summary>It answers with this, or with a problem.</summary>
    public static RouteHandlerBuilder Describes<T>(this RouteHandlerBuilder endpoint) => endpoint.Produces<T>().WithProblems();

    /// <summary>It takes something on that is done later, and answers with what it is known by, or with a problem.</summary>
    public static RouteHandlerBuilder TakesOn<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.RequireRole(AccessRole.Operator).Produces<T>(StatusCodes.Status202Accepted).WithProblems();

    /// <summary>It does something that needs an operator, or a higher role, and answers with nothing, or with a problem.</summary>
    public static RouteHandlerBuilder Acts(this RouteHandlerBuilder endpoint, AccessRole role = AccessRole.Operator) =>
        endpoint.RequireRole(role).Produces(StatusCodes.Status204NoContent).WithProblems();

    /// <summary>It may answer with a problem.</summary>
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status501NotImplemented);
}
