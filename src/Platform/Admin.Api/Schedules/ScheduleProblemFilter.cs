namespace Maestro.Bus.Admin.Api;

/// <summary>Answers what cannot be done with schedules as a problem, and everything where there are none.</summary>
sealed class ScheduleProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.RequestServices.GetService<ISchedules>() is null)
            return TypedResults.Problem(
                statusCode: StatusCodes.Status501NotImplemented, title: "There are no schedules here.",
                detail: "This host has no scheduler. Ask one whose project lists the module Scheduling.");

        try
        {
            return await next(context);
        }
        catch (ScheduleProblem problem)
        {
            return TypedResults.Problem(
                statusCode: problem.IsUnknown ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, title: problem.Title,
                detail: problem.Detail);
        }
        catch (ScheduleTimesException problem)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The schedule's times cannot be worked out here.",
                detail: problem.Message);
        }
    }
}
