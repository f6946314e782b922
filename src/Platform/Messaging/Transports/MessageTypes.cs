using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>Finds the type of a message by its name on the wire.</summary>
static class MessageTypes
{
    const string Prefix = "urn:message:";

    // The names of dead letters come from outside, and each level of their generic types is a call.
    const int LongestName = 2_000;

    static readonly ConcurrentDictionary<string, Type> Found = new(StringComparer.Ordinal);
    static volatile Attributed _attributed = new(0, []);

    /// <summary>
    /// Gets the type with a name such as <c>urn:message:Acme.Orders:OrderPlaced</c>; null if the process has loaded none.
    /// </summary>
    public static Type? Find(string name)
    {
        if (Found.TryGetValue(name, out var known))
            return known;
        if (name.Length > LongestName || !name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return null;

        var type = Parse(name.AsSpan(Prefix.Length), out var rest) is { } parsed && rest.IsEmpty ? parsed
            : WithAttributes().GetValueOrDefault(name);

        // Its assembly may be loaded later.
        if (type is not null)
            Found[name] = type;
        return type;
    }

    // Namespace:Outer+Name, and for a generic type Namespace:Name[[of its first argument],[of its second]].
    static Type? Parse(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        var end = text.IndexOfAny('[', ']');
        var name = (end < 0 ? text : text[..end]).ToString().Replace(':', '.');
        rest = end < 0 ? [] : text[end..];
        if (!rest.StartsWith("[["))
            return Named(name);

        List<Type> arguments = [];
        rest = rest[1..];
        while (rest.StartsWith("["))
        {
            if (Parse(rest[1..], out rest) is not { } argument || !rest.StartsWith("]"))
                return null;

            arguments.Add(argument);
            rest = rest[1..];
            if (rest.StartsWith(","))
                rest = rest[1..];
        }

        if (!rest.StartsWith("]"))
            return null;

        rest = rest[1..];
        return Named($"{name}`{arguments.Count}") is { } definition && TryMake(definition, [.. arguments], out var type) ? type : null;
    }

    // Whatever else a message says it is, would be taken for a name with an assembly, an array or the like.
    static Type? Named(string name) =>
        name.Length > 0 && name.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '_' or '+' or '`')
        ? Loaded().Select(assembly => assembly.GetType(name)).FirstOrDefault(type => type is not null)
        : null;

    static IEnumerable<Assembly> Loaded() => AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic);

    // What has a name of its own, looked through once for the assemblies that are loaded.
    static Dictionary<string, Type> WithAttributes()
    {
        var assemblies = Loaded().ToList();
        var known = _attributed;
        if (known.Assemblies != assemblies.Count)
            _attributed = known = new Attributed(
                assemblies.Count,
                assemblies.SelectMany(TypesOf)
                    .Where(type => !type.ContainsGenericParameters && type.GetCustomAttribute<MessageUrnAttribute>() is not null)
                    .GroupBy(MessageUrn.ForTypeString)
                    .ToDictionary(types => types.Key, types => types.First(), StringComparer.Ordinal));
        return known.Types;
    }

    static bool TryMake(Type definition, Type[] arguments, [NotNullWhen(true)] out Type? type)
    {
        try
        {
            type = definition.MakeGenericType(arguments);
            return true;
        }
        catch (ArgumentException)
        {
            // The types of another version, which do not go together here.
            type = null;
            return false;
        }
    }

    static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            // Some of its types refer to what is not there; those are no messages of this process.
            return exception.Types.OfType<Type>();
        }
    }

    sealed record Attributed(int Assemblies, Dictionary<string, Type> Types);
}
