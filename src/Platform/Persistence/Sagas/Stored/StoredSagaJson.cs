using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using MassTransit.Serialization;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Sagas as JSON, with the converters of messages. Their members keep their own names, whatever the application chooses for its messages,
/// and private setters are used.
/// </summary>
static partial class StoredSagaJson
{
    static readonly ConcurrentDictionary<Type, string?> Problems = [];

    public static JsonSerializerOptions Options { get; } = Create();

    /// <exception cref="BusConfigurationException">The saga has a member that cannot be stored.</exception>
    public static void Check<TSaga>()
        where TSaga : class, ISaga
    {
        if (Problems.GetOrAdd(typeof(TSaga), static saga => Problem(saga)) is { } problem)
            throw new BusConfigurationException(problem);
    }

    public static string Write<TSaga>(TSaga saga)
        where TSaga : class, ISaga =>
        EscapedNul().Replace(JsonSerializer.Serialize(saga, Options), "\uFFFD");

    /// <exception cref="SagaException">The JSON is not an instance of the class.</exception>
    public static TSaga Read<TSaga>(Guid id, string json)
        where TSaga : class, ISaga
    {
        try
        {
            var saga = JsonSerializer.Deserialize<TSaga>(json, Options) ?? throw new JsonException("It is null.");
            saga.CorrelationId = id;
            return saga;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new SagaException(
                $"The stored saga is not a valid {TypeCache<TSaga>.ShortName}: {exception.Message} Let the class read what it wrote before "
                + "(table stored_saga), or delete the instance.",
                typeof(TSaga), typeof(TSaga), id, exception);
        }
    }

    static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(SystemTextJsonMessageSerializer.Options)
        {
            PropertyNamingPolicy = null,
            DictionaryKeyPolicy = null,
            DefaultIgnoreCondition = JsonIgnoreCondition.Never,
            WriteIndented = false,
            AllowOutOfOrderMetadataProperties = true,
        };
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(KeepWhatCanBeSet);
        options.Converters.Insert(0, new StorableTextConverter());
        return options;
    }

    // What can be read only is computed, as the CorrelationExpression of a saga that observes.
    static void KeepWhatCanBeSet(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.IsValueType)
            return;

        foreach (var member in type.Properties.Where(member => member is { Get: not null, Set: null }).ToList())
        {
            if (member.AttributeProvider is PropertyInfo property && !IsInConstructor(type.Type, property))
            {
                if (Declared(property)?.SetMethod is { } setter)
                    member.Set = (instance, value) => setter.Invoke(instance, [value]);
                else
                    type.Properties.Remove(member);
            }
        }
    }

    // A private setter is known to the class only that declares it.
    static PropertyInfo? Declared(PropertyInfo property) =>
        property.DeclaringType!.GetProperty(property.Name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    static bool IsInConstructor(Type type, PropertyInfo property) => type.GetConstructors()
        .SelectMany(constructor => constructor.GetParameters())
        .Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase));

    static string? Problem(Type saga) =>
        saga.GetProperties()
            .FirstOrDefault(property => property.PropertyType.IsAssignableTo(typeof(State))
                && property.GetCustomAttribute<JsonIgnoreAttribute>() is null) is { } state
            ? $"The saga {saga.Name} keeps its state in {state.Name}, of the type {state.PropertyType.Name}, which cannot be stored. "
                + "Make it a string, or an int with the states named in InstanceState, or keep the saga in memory: .InMemoryRepository()."
            : null;

    // PostgreSQL 15 reads no member of an object that has it in any other. Texts in a dictionary of objects pass no converter.
    [GeneratedRegex(@"(?<=(?<!\\)(?:\\\\)*)\\u0000")]
    private static partial Regex EscapedNul();

    /// <summary>Cleans text as <see cref="DatabaseText"/> does, which sees the escaped form only.</summary>
    sealed class StorableTextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(StorableText.Of(value));

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!;

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WritePropertyName(StorableText.Of(value));
    }
}
