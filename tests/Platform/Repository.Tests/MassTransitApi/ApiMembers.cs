using System.Reflection;
using System.Runtime.CompilerServices;

namespace Maestro.Bus.Repository.Tests;

/// <summary>The members of assemblies, written as the list writes them.</summary>
sealed class ApiMembers
{
    const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(string)] = "string",
        [typeof(int)] = "int",
        [typeof(short)] = "short",
        [typeof(bool)] = "bool",
        [typeof(object)] = "object",
    };

    readonly Dictionary<string, HashSet<string>> _members = [];
    readonly HashSet<string> _extensions = [];

    public ApiMembers(IEnumerable<Assembly> assemblies)
    {
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetExportedTypes()))
            Add(type);
    }

    /// <summary>
    /// Whether there is a member or a type as a row has it: an extension method may be listed as a member, and a member as an extension
    /// method.
    /// </summary>
    public bool Has(ApiRow row)
    {
        if (row.Member == "(type)")
            return _members.ContainsKey(row.Type);
        if (Declares(row.Type, row.Member) || _extensions.Contains(row.Member))
            return true;

        var open = row.Member.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
            return false;

        var (name, parameters) = (row.Member[..open], row.Member[(open + 1)..^1]);
        if (!parameters.StartsWith("this ", StringComparison.Ordinal))
            return _extensions.Contains(Method(name, $"this {row.Type}", parameters));

        // A generic extension method may be a member of a generic type, whose parameters are those of the type.
        var (first, others) = Split(parameters);
        return Declares(first[5..], Method(name, others)) || Declares(first[5..], Method(row.Name, others));
    }

    /// <summary>Whether there is a member or an extension method of a row's name, or its type.</summary>
    public bool HasName(ApiRow row) =>
        _members.GetValueOrDefault(row.Type, []).Concat(_extensions).Any(member => member.Split('(', '<')[0] == row.Name)
        || (row.Member == "(type)" && _members.ContainsKey(row.Type));

    bool Declares(string type, string member) => _members.GetValueOrDefault(type, []).Contains(member);

    void Add(Type type)
    {
        if (!_members.TryGetValue(Name(type), out var members))
            _members.Add(Name(type), members = []);
        members.UnionWith(type.GetMembers(Declared).Select(Text).OfType<string>());
        // What an interface inherits, its users type on it.
        foreach (var inherited in type.IsInterface ? type.GetInterfaces() : [])
            members.UnionWith(inherited.GetMembers().Select(Text).OfType<string>());
        _extensions.UnionWith(
            type.GetMethods(Declared).Where(method => method.IsPublic && IsExtension(method)).Select(Text).OfType<string>());
    }

    static string? Text(MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: false } method when method.IsPublic || method.IsFamily => Method(
            method.IsGenericMethod ? $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : method.Name,
            [.. method.GetParameters().Select((parameter, index) => (index == 0 && IsExtension(method) ? "this " : "")
                + (parameter.IsOut ? "out " : "") + Name(parameter.ParameterType))]),
        ConstructorInfo { IsPublic: true } constructor => Method(
            "new", [.. constructor.GetParameters().Select(parameter => Name(parameter.ParameterType))]),
        PropertyInfo property => property.Name,
        FieldInfo { IsPublic: true } field => field.Name,
        _ => null,
    };

    static string Method(string name, params string[] parameters) =>
        $"{name}({string.Join(", ", parameters.Where(parameter => parameter.Length > 0))})";

    static bool IsExtension(MethodInfo method) => method.IsDefined(typeof(ExtensionAttribute));

    // The first parameter, and the others: a comma between angle brackets is the first one's own.
    static (string First, string Others) Split(string parameters)
    {
        var depth = 0;
        for (var index = 0; index < parameters.Length; index++)
        {
            depth += parameters[index] switch { '<' => 1, '>' => -1, _ => 0 };
            if (parameters[index] == ',' && depth == 0)
                return (parameters[..index], parameters[(index + 2)..]);
        }

        return (parameters, "");
    }

    // Whether a reference may be null is not told apart.
    static string Name(Type type) =>
        Keywords.TryGetValue(type, out var keyword) ? keyword
        : type.IsByRef ? Name(type.GetElementType()!)
        : type.IsArray ? $"{Name(type.GetElementType()!)}[]"
        : Nullable.GetUnderlyingType(type) is { } underlying ? Name(underlying)
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
