using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Maestro.Bus.Messaging;

/// <summary>Refuses requests whose address or headers are beyond the bounds, before anything reads them.</summary>
/// <remarks>
/// Kestrel's own limits of the head are twice as high: it answers without a body, as it can give an answer no content while it reads the
/// head of a request.
/// </remarks>
sealed class RequestDoor(HttpSettings settings) : IStartupFilter
{
    /// <summary>Kestrel's limits of the head as a multiple of the bounds.</summary>
    public const int Margin = 2;

    /// <summary>
    /// The bytes beyond its bound that Kestrel takes of a body and throws away, so that a caller that is still sending reads why it is
    /// refused instead of losing the connection. It takes them for 5 seconds at most.
    /// </summary>
    public const int Drained = 32 * 1024 * 1024;

    const int HeaderOverhead = 4;

    // TRACE and CONNECT are for proxies, and nothing here knows any other.
    static readonly HashSet<string> Methods = new(StringComparer.Ordinal)
    {
        HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options,
    };

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        application.Use((context, following) => FindProblem(context) is { } problem ? problem.ExecuteAsync(context) : following(context));
        next(application);
    };

    ProblemHttpResult? FindProblem(HttpContext context)
    {
        if (!Methods.Contains(context.Request.Method))
        {
            context.Response.Headers.Allow = string.Join(", ", Methods);
            return HttpProblems.UnknownMethod(context.Request.Method);
        }

        if (context.Features.Get<IHttpRequestFeature>()?.RawTarget.Length > settings.MaxAddressSize)
            return HttpProblems.AddressTooLong(settings.MaxAddressSize);

        if (ProblemOfHeaders(context.Request.Headers) is { } problem)
            return problem;

        // No path or parameter has any: they would only get into logs, and databases cannot store a NUL.
        if (context.Request.Path.Value?.Any(char.IsControl) == true)
            return HttpProblems.Bad("The path holds a control character.", "Send it without.");

        if (context.Request.QueryString.Value?.Contains('%') == true
            && context.Request.Query.FirstOrDefault(HasControlCharacter) is { Key: not null } parameter)
            return HttpProblems.Bad(
                "A parameter of the query holds a control character.", $"Send '{LogText.Clean(parameter.Key)}' without.");

        return null;
    }

    ProblemHttpResult? ProblemOfHeaders(IHeaderDictionary headers)
    {
        var (count, size) = (0, 0L);

        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                count++;
                size += name.Length + (value?.Length ?? 0) + HeaderOverhead;
            }
        }

        return count > settings.MaxHeaders ? HttpProblems.TooManyHeaders(settings.MaxHeaders)
            : size > settings.MaxHeadersSize ? HttpProblems.HeadersTooLarge(settings.MaxHeadersSize)
            : null;
    }

    static bool HasControlCharacter(KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> parameter) =>
        parameter.Key.Any(char.IsControl) || parameter.Value.Any(value => value?.Any(char.IsControl) == true);
}
