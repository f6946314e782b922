using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Refuses parameters of the query that an endpoint does not know, cannot read, or is given twice: with them it would answer something that
/// was not asked.
/// </summary>
sealed class QueryBound(IReadOnlyDictionary<string, Type> known, bool ignoresUnknown)
{
    static readonly Dictionary<Type, (Func<string, bool> IsReadable, string Remedy)> Kinds = new()
    {
        [typeof(string)] = (_ => true, ""),
        [typeof(int)] = (text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _), "Use a whole number."),
        [typeof(long)] = (text => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _), "Use a whole number."),
        [typeof(bool)] = (text => bool.TryParse(text, out _), "Use true or false."),
        [typeof(Guid)] = (text => Guid.TryParse(text, out _), "Use an id such as 0b6f1c1e-3c5d-4e0a-9a53-6f6e0b9d2f11."),
        [typeof(DateTimeOffset)] = (
            text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
            "Use a time such as 2026-11-24T09:00:00Z, or 2026-11-24T09:00:00%2B01:00 with a time zone."),
    };

    /// <summary>Reads what an endpoint knows from its handler's parameters.</summary>
    public static QueryBound Of(IList<object> metadata) => new(
        metadata.OfType<MethodInfo>().LastOrDefault() is { } handler
            ? Parameters(handler.GetParameters()).ToDictionary(
                parameter => parameter.Name, parameter => parameter.Type, StringComparer.OrdinalIgnoreCase)
            : new Dictionary<string, Type>(),
        metadata.Contains(UnknownParameters.Ignored));

    /// <summary>Finds what is wrong with a request's query; null if nothing is.</summary>
    public ProblemHttpResult? FindProblem(HttpContext context)
    {
        var path = context.Request.RouteValues;

        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.TryGetValue(name, out var type) || path.ContainsKey(name))
            {
                if (ignoresUnknown)
                    continue;

                return HttpProblems.Bad(
                    $"There is no parameter '{name}'.",
                    known.Keys.Where(parameter => !path.ContainsKey(parameter)).ToList() is { Count: > 0 } others
                        ? $"Use {string.Join(", ", others)}."
                        : "Leave it out.");
            }

            if (values is not [{ } value])
                return HttpProblems.Bad($"The parameter '{name}' is there {values.Count} times.", "Send it once.");

            if (Kinds.TryGetValue(type, out var kind) && !kind.IsReadable(value))
                return HttpProblems.Bad($"The parameter '{name}' is '{value}'.", kind.Remedy);
        }

        return null;
    }

    static IEnumerable<(string Name, Type Type)> Parameters(IEnumerable<ParameterInfo> parameters) => parameters
        .SelectMany(parameter => parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [(parameter.Name!, parameter.ParameterType)]
            : parameter.ParameterType.GetConstructors()[0].GetParameters().Select(part => (Name: part.Name!, Type: part.ParameterType)))
        .Select(parameter => (
            char.ToLowerInvariant(parameter.Item1[0]) + parameter.Item1[1..],
            Nullable.GetUnderlyingType(parameter.Item2) ?? parameter.Item2))
        .Where(parameter => parameter.Item2 == typeof(string) || parameter.Item2.IsEnum || IsParsable(parameter.Item2));

    static bool IsParsable(Type type) =>
        Array.Exists(
            type.GetInterfaces(),
            candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IParsable<>));
}
