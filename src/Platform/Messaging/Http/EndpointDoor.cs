using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Stands before one endpoint, behind authorization: checks the query and the body before they are bound, and answers what cannot be bound
/// with a problem.
/// </summary>
sealed class EndpointDoor(QueryBound query, RequestDelegate next)
{
    static readonly TimeSpan StrangersTime = TimeSpan.FromSeconds(30);

    public async Task Handle(HttpContext context)
    {
        try
        {
            if (await InTime(context) is { } problem)
                await problem.ExecuteAsync(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await Problem(exception, context).ExecuteAsync(context);
        }
    }

    async Task<IResult?> InTime(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AnswerTime>() is not { IsBounded: true })
            return await Check(context);

        var limit = context.RequestServices.GetRequiredService<HttpSettings>().MaxAnswerTime;
        var aborted = context.RequestAborted;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        timeout.CancelAfter(limit);
        context.RequestAborted = timeout.Token;

        try
        {
            return await Check(context);
        }
        catch (OperationCanceledException)
            when (timeout.IsCancellationRequested && !aborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            return HttpProblems.Bad(
                "The answer takes too long.",
                $"It may take {limit.TotalSeconds:0.#} s. Ask for less, " +
                "such as one queue or a shorter time, or raise Bus:Http:MaxAnswerTime.");
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }

    // Returns null if the endpoint has answered.
    async Task<IResult?> Check(HttpContext context)
    {
        if (query.FindProblem(context) is { } wrong)
            return wrong;

        var request = context.Request;

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
        {
            await next(context);
            return null;
        }

        if (request.Headers.ContentEncoding is { Count: > 0 } encoding
            && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
            return HttpProblems.Encoded(encoding.ToString());

        var settings = context.RequestServices.GetRequiredService<HttpSettings>();
        var own = context.GetEndpoint()?.Metadata.GetMetadata<BodyBound>();
        var limit = own?.Limit ?? settings.MaxBodySize;

        if (request.ContentLength > limit)
            return HttpProblems.TooLarge(limit);

        var isKnown = context.User.Identity?.IsAuthenticated == true;
        using var place = context.RequestServices.GetRequiredService<BodyRoom>().Enter(isKnown);
        context.Features.Set(place);

        // What a stranger only announces takes no room: it grows with what arrives.
        if (isKnown && !await place.Extend(request.ContentLength ?? limit, context.RequestAborted))
            return NoRoom(context);

        if (isKnown)
            return await Read(context, settings, own, limit);

        // And it must arrive: what somebody has sent of a body may not keep others out for as long as the slowest rate allows.
        var aborted = context.RequestAborted;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        timeout.CancelAfter(StrangersTime);
        context.RequestAborted = timeout.Token;

        try
        {
            return await Read(context, settings, own, limit) is { } answer ? answer
                : IsTooSlow() ? HttpProblems.TooSlow()
                : null;
        }
        catch (OperationCanceledException) when (IsTooSlow())
        {
            return HttpProblems.TooSlow();
        }
        finally
        {
            context.RequestAborted = aborted;
        }

        bool IsTooSlow() => timeout.IsCancellationRequested && !aborted.IsCancellationRequested && !context.Response.HasStarted;
    }

    async Task<IResult?> Read(HttpContext context, HttpSettings settings, BodyBound? own, int limit)
    {
        var request = context.Request;

        if (own is not null || !request.HasJsonContentType())
        {
            await next(context);
            return null;
        }

        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset is { Length: > 0 } charset && !IsUtf8(charset))
            return HttpProblems.OtherCharset(charset.ToString());

        using var body = await RequestBody.Read(request, limit, context.RequestAborted);

        if (body is null)
            return HttpProblems.TooLarge(limit);

        if (JsonDoor.FindProblem(body.Bytes, settings.MaxJsonDepth) is { } problem)
            return HttpProblems.Wrong(problem);

        // ASP.NET Core 10 does not know utf-8 in quotes, and has no need of a charset that has been checked.
        request.ContentType = type?.MediaType.ToString() ?? request.ContentType;
        request.Body = body.Open();
        await next(context);
        return null;
    }

    static IResult NoRoom(HttpContext context)
    {
        context.Response.Headers.RetryAfter = $"{BodyRoom.Patience.TotalSeconds:0}";
        return HttpProblems.NoRoom((int)BodyRoom.Patience.TotalSeconds);
    }

    static bool IsUtf8(Microsoft.Extensions.Primitives.StringSegment charset) =>
        HeaderUtilities.RemoveQuotes(charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    static IResult Problem(BadHttpRequestException exception, HttpContext context) => exception switch
    {
        { InnerException: JsonException json } => HttpProblems.Wrong(new JsonProblem(
            string.IsNullOrEmpty(json.Path) ? "$" : json.Path,
            "The value cannot be read here: it is of another kind than expected, is missing something, or has a name that is not known. " +
            "Correct it.")),
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => HttpProblems.TooLarge(
            context.GetEndpoint()?.Metadata.GetMetadata<BodyBound>()?.Limit
            ?? context.RequestServices.GetRequiredService<HttpSettings>().MaxBodySize),
        { StatusCode: StatusCodes.Status503ServiceUnavailable } => NoRoom(context),
        { StatusCode: StatusCodes.Status408RequestTimeout } => HttpProblems.TooSlow(),
        _ => HttpProblems.Problem(exception.StatusCode, "The request cannot be read.", exception.Message),
    };
}
