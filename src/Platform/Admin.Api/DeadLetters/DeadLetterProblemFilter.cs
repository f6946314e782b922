namespace Maestro.Bus.Admin.Api;

/// <summary>Answers what cannot be done with dead letters as a problem, and everything where there is no database to keep them.</summary>
sealed class DeadLetterProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.RequestServices.GetService<IDeadLetterStore>() is null)
            return TypedResults.Problem(
                statusCode: StatusCodes.Status501NotImplemented,
                title: "This host keeps no dead letters.",
                detail: "None of its domains has a database, so that they stay in the broker's queues {queue}-dlq. Give a domain one with "
                    + "AddDatabase.");

        try
        {
            return await next(context);
        }
        catch (DeadLetterProblem problem)
        {
            return TypedResults.Problem(
                statusCode: problem.Kind switch
                {
                    DeadLetterProblemKind.Unknown => StatusCodes.Status404NotFound,
                    DeadLetterProblemKind.Conflict => StatusCodes.Status409Conflict,
                    _ => StatusCodes.Status400BadRequest,
                },
                title: problem.Title,
                detail: problem.Detail);
        }
    }
}
