using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>Writes the named parts of the outbox's metadata, and nothing for those that are not there.</summary>
static class MetadataWriter
{
    public static void WriteAny(this Utf8JsonWriter writer, string name, Guid? id)
    {
        if (id is { } value)
            writer.WriteString(name, value);
    }

    public static void WriteAny(this Utf8JsonWriter writer, string name, Uri? address)
    {
        if (address is not null)
            writer.WriteString(name, address.AbsoluteUri);
    }

    /// <summary>Writes values of any type that a broker has; null values among them.</summary>
    public static void WriteAny(this Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, object?>> values)
    {
        var isOpen = false;
        foreach (var (key, value) in values)
        {
            if (!isOpen)
                writer.WriteStartObject(name);

            isOpen = true;
            writer.WritePropertyName(key);
            MetadataValue.Write(writer, value);
        }

        if (isOpen)
            writer.WriteEndObject();
    }
}
