namespace Maestro.Bus.Messaging;

/// <summary>Bounds what the callers of endpoints may send.</summary>
public static class BoundExtensions
{
    /// <summary>
    /// Declares that an endpoint reads its body itself, with <see cref="RequestBody"/> and a bound of its own, and checks it with <see
    /// cref="JsonDoor"/>: because a signature covers its bytes, or because its size has a setting of its own. All other endpoints get
    /// bodies that have been checked.
    /// </summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="limit">The longest body, in bytes.</param>
    public static T ReadsItsBody<T>(this T endpoints, int limit)
        where T : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new BodyBound(limit));

    /// <summary>Has an endpoint take parameters in the query that it does not know: its address is somebody else's to configure.</summary>
    public static T IgnoresUnknownParameters<T>(this T endpoints)
        where T : IEndpointConventionBuilder =>
        endpoints.WithMetadata(UnknownParameters.Ignored);

    /// <summary>
    /// Declares whether requests end after <c>Bus:Http:MaxAnswerTime</c>: their <see cref="HttpContext.RequestAborted"/> is cancelled and
    /// the caller is told to ask for less. Without a declaration they do not.
    /// </summary>
    public static T HasAnswerTime<T>(this T endpoints, bool isBounded)
        where T : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new AnswerTime(isBounded));

    /// <summary>Puts the bounds before endpoints: of bodies, of what JSON may hold, and of the query.</summary>
    internal static T Bound<T>(this T endpoints)
        where T : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is { } next)
                endpoint.RequestDelegate = new EndpointDoor(QueryBound.Of(endpoint.Metadata), next).Handle;
        });
        return endpoints;
    }
}
