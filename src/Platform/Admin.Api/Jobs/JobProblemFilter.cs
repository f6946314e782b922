using MassTransit;

namespace Maestro.Bus.Admin.Api;

/// <summary>Says what is wrong with a request about jobs.</summary>
sealed class JobProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.RequestServices.GetService<IJobs>() is null)
            return Problem(StatusCodes.Status501NotImplemented, "There are no jobs here.",
                "This host has no module for jobs. Ask one whose project lists the module Jobs.");

        try
        {
            return await next(context);
        }
        catch (JobNotFoundException exception)
        {
            return Problem(StatusCodes.Status404NotFound, "There is no such job.", exception.Message);
        }
        catch (JobStateException exception)
        {
            return Problem(StatusCodes.Status409Conflict, "The job does not allow this now.", exception.Message);
        }
        catch (InvalidMessageException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, "The request is wrong.", exception.Message);
        }
    }

    static IResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
