using System.Globalization;
using System.Reflection;

namespace MaestroBus.Admin.Api;

/// <summary>Refuses parameters of the query string that an endpoint does not know, or cannot read: with them it would answer something that was not asked.</summary>
static class QueryFilter
{
    static readonly Dictionary<Type, (Func<string, bool> IsReadable, string Remedy)> Kinds = new()
    {
        [typeof(string)] = (_ => true, ""),
        [typeof(int)] = (text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _), "Use a whole number."),
        [typeof(long)] = (text => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _), "Use a whole number."),
        [typeof(Guid)] = (text => Guid.TryParse(text, out _), "Use an id such as 0b6f1c1e-3c5d-4e0a-9a53-6f6e0b9d2f11."),
        [typeof(DateTimeOffset)] = (
            text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _), "Use a time such as 2026-11-24T09:00:00Z, or 2026-11-24T09:00:00%2B01:00 with a time zone."),
    };

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext endpoint, EndpointFilterDelegate next)
    {
        var known = Parameters(endpoint.MethodInfo.GetParameters()).ToDictionary(parameter => parameter.Name, parameter => parameter.Type, StringComparer.OrdinalIgnoreCase);
        return context => Problem(context.HttpContext, known) is { } problem ? ValueTask.FromResult<object?>(problem) : next(context);
    }

    static IResult? Problem(HttpContext context, Dictionary<string, Type> known)
    {
        var path = context.Request.RouteValues;

        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.TryGetValue(name, out var type) || path.ContainsKey(name))
                return Refuse(
                    $"There is no parameter '{name}'.",
                    known.Keys.Where(parameter => !path.ContainsKey(parameter)).ToList() is { Count: > 0 } others ? $"Use {string.Join(", ", others)}." : "Leave it out.");

            var (isReadable, remedy) = Kinds[type];
            if (values.FirstOrDefault(value => value is null || !isReadable(value)) is { } wrong)
                return Refuse($"The parameter '{name}' is '{wrong}'.", remedy);
        }

        return null;
    }

    static IResult Refuse(string title, string detail) => TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: title, detail: detail);

    static IEnumerable<(string Name, Type Type)> Parameters(IEnumerable<ParameterInfo> parameters) => parameters
        .SelectMany(parameter => parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [(parameter.Name!, parameter.ParameterType)]
            : parameter.ParameterType.GetConstructors()[0].GetParameters().Select(part => (Name: part.Name!, Type: part.ParameterType)))
        .Select(parameter => (char.ToLowerInvariant(parameter.Item1[0]) + parameter.Item1[1..], Nullable.GetUnderlyingType(parameter.Item2) ?? parameter.Item2))
        .Where(parameter => Kinds.ContainsKey(parameter.Item2));
}
