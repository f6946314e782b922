using System.Linq.Expressions;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Messaging;

/// <summary>The fields of a message that make two messages one.</summary>
sealed class CriticalFields
{
    readonly List<(string Path, PropertyInfo[] Properties)> _fields;

    CriticalFields(IEnumerable<(string Path, PropertyInfo[] Properties)> fields) =>
        _fields = [.. fields.OrderBy(field => field.Path, StringComparer.Ordinal)];

    /// <exception cref="BusConfigurationException">The message has no such field.</exception>
    public static CriticalFields Of(Type message, IReadOnlyList<string> paths) => new(paths.Select(path => (path, Resolve(message, path))));

    /// <summary>The path that an expression such as <c>order => order.Customer.Id</c> stands for.</summary>
    public static string PathOf(LambdaExpression field)
    {
        var body = field.Body is UnaryExpression { NodeType: ExpressionType.Convert } convert ? convert.Operand : field.Body;
        var names = new Stack<string>();

        for (; body is MemberExpression member; body = member.Expression)
            names.Push(member.Member.Name);

        return body is ParameterExpression && names.Count > 0
            ? string.Join('.', names)
            : throw new BusConfigurationException($"'{field}' names no field of a message. Use one such as order => order.Number.");
    }

    /// <summary>The SHA-256 of the fields' names and values, in hexadecimal digits.</summary>
    public string Hash<T>(T message)
        where T : class
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            if (_fields.Count == 0)
                JsonSerializer.Serialize(writer, message, SystemTextJsonMessageSerializer.Options);
            else
                Write(writer, message);
        }

        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    void Write(Utf8JsonWriter writer, object message)
    {
        writer.WriteStartObject();
        foreach (var (path, properties) in _fields)
        {
            writer.WritePropertyName(path);
            var value = properties.Aggregate<PropertyInfo, object?>(
                message, (holder, property) => holder is null ? null : property.GetValue(holder));
            JsonSerializer.Serialize(writer, value, properties[^1].PropertyType, SystemTextJsonMessageSerializer.Options);
        }

        writer.WriteEndObject();
    }

    static PropertyInfo[] Resolve(Type message, string path)
    {
        var properties = new List<PropertyInfo>();
        foreach (var name in path.Split('.'))
        {
            var holder = properties.Count == 0 ? message : properties[^1].PropertyType;
            properties.Add(holder.GetInterfaces().Prepend(holder).Select(type => type.GetProperty(name))
                .FirstOrDefault(property => property is not null)
                ?? throw new BusConfigurationException(
                    $"{message.Name} has no critical field "
                        + $"'{path}': {holder.Name} has {string.Join(", ", holder.GetProperties().Select(property => property.Name))}. "
                        + "Name one of its own."));
        }

        return [.. properties];
    }
}
