using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Writes the value of a header or transport property so that it comes back as what it was: a broker has more types than JSON. Null,
/// texts, flags and 64-bit integers are JSON's own; anything else is an array of the type's name and the value.
/// </summary>
public static class MetadataValue
{
    const string Int8 = "int8";
    const string UInt8 = "uint8";
    const string Int16 = "int16";
    const string UInt16 = "uint16";
    const string Int32 = "int32";
    const string UInt32 = "uint32";
    const string UInt64 = "uint64";
    const string Float = "float";
    const string Double = "double";
    const string Decimal = "decimal";
    const string DateTimeTag = "time";
    const string DateTimeOffsetTag = "instant";
    const string Timestamp = "timestamp";
    const string Bytes = "bytes";
    const string Binary = "binary";
    const string Table = "table";
    const string List = "list";
    const string Json = "json";

    // A producer may nest as deep as its broker's frames allow; what lies deeper is text.
    const int Deepest = 32;

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter writer, object? value) => Write(writer, value, 0);

    /// <summary>Reads what <see cref="Write(Utf8JsonWriter, object?)"/> has written, and what earlier versions have.</summary>
    public static object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out var number) ? (object)number : value.GetDouble(),
        JsonValueKind.Array when value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.String =>
            Read(value[0].GetString()!, value[1]) ?? value.Clone(),
        _ => value.Clone(),
    };

    /// <summary>Reads the named values of a part of the metadata; there are none if it is not there.</summary>
    public static Dictionary<string, object?> ReadAll(JsonElement metadata, string name)
    {
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        if (metadata.TryGetProperty(name, out var part))
        {
            foreach (var value in part.EnumerateObject())
                values[value.Name] = Read(value.Value);
        }

        return values;
    }

    /// <summary>The values as JSON, for what is kept within a JSON document.</summary>
    public static Dictionary<string, JsonElement> ToJson(IEnumerable<KeyValuePair<string, object?>> values)
    {
        var json = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        foreach (var (name, value) in values)
        {
            Write(writer, value);
            writer.Flush();
            json[name] = JsonElement.Parse(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
            writer.Reset();
        }

        return json;
    }

    static void Write(Utf8JsonWriter writer, object? value, int depth)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or ulong or float or double or decimal:
                Write(writer, NameOf(value), Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            case Guid id:
                writer.WriteStringValue(id);
                break;
            case Uri address:
                writer.WriteStringValue(address.ToString());
                break;
            case TimeSpan duration:
                writer.WriteStringValue(duration.ToString("c", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                Write(writer, DateTimeTag, time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset instant:
                Write(writer, DateTimeOffsetTag, instant.ToString("O", CultureInfo.InvariantCulture));
                break;
            case WireTimestamp timestamp:
                Write(writer, Timestamp, timestamp.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                Write(writer, Bytes, Convert.ToBase64String(bytes));
                break;
            case WireBytes bytes:
                Write(writer, Binary, Convert.ToBase64String(bytes.Value));
                break;
            case JsonElement json:
                Write(writer, json);
                break;
            case IDictionary or IList when depth == Deepest:
                writer.WriteStringValue(value.ToString());
                break;
            case IDictionary table:
                Write(writer, table, depth);
                break;
            case IList list:
                Write(writer, list, depth);
                break;
            default:
                Write(writer, JsonSerializer.SerializeToElement(value, value.GetType()));
                break;
        }
    }

    static void Write(Utf8JsonWriter writer, IDictionary table, int depth)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(Table);
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in table)
        {
            writer.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
            Write(writer, entry.Value, depth + 1);
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    static void Write(Utf8JsonWriter writer, IList list, int depth)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(List);
        writer.WriteStartArray();
        foreach (var item in list)
            Write(writer, item, depth + 1);

        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    // Only an array could be taken for a name and a value.
    static void Write(Utf8JsonWriter writer, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            json.WriteTo(writer);
            return;
        }

        writer.WriteStartArray();
        writer.WriteStringValue(Json);
        json.WriteTo(writer);
        writer.WriteEndArray();
    }

    static void Write(Utf8JsonWriter writer, string name, string text)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(name);
        writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    static string NameOf(object number) => number switch
    {
        sbyte => Int8,
        byte => UInt8,
        short => Int16,
        ushort => UInt16,
        int => Int32,
        uint => UInt32,
        ulong => UInt64,
        float => Float,
        double => Double,
        _ => Decimal,
    };

    // Null for an array that is none of these: earlier versions wrote lists as they are.
    static object? Read(string name, JsonElement value) => (name, value.ValueKind) switch
    {
        (Table, JsonValueKind.Object) => ReadTable(value),
        (List, JsonValueKind.Array) => value.EnumerateArray().Select(Read).ToList(),
        (Json, JsonValueKind.Array) => value.Clone(),
        (_, JsonValueKind.String) => Read(name, value.GetString()!),
        _ => null,
    };

    static Dictionary<string, object?> ReadTable(JsonElement value)
    {
        var table = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var entry in value.EnumerateObject())
            table[entry.Name] = Read(entry.Value);

        return table;
    }

    static object? Read(string name, string text) => name switch
    {
        Int8 => sbyte.Parse(text, CultureInfo.InvariantCulture),
        UInt8 => byte.Parse(text, CultureInfo.InvariantCulture),
        Int16 => short.Parse(text, CultureInfo.InvariantCulture),
        UInt16 => ushort.Parse(text, CultureInfo.InvariantCulture),
        Int32 => int.Parse(text, CultureInfo.InvariantCulture),
        UInt32 => uint.Parse(text, CultureInfo.InvariantCulture),
        UInt64 => ulong.Parse(text, CultureInfo.InvariantCulture),
        Float => float.Parse(text, CultureInfo.InvariantCulture),
        Double => double.Parse(text, CultureInfo.InvariantCulture),
        Decimal => decimal.Parse(text, CultureInfo.InvariantCulture),
        DateTimeTag => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        DateTimeOffsetTag => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        Timestamp => new WireTimestamp(long.Parse(text, CultureInfo.InvariantCulture)),
        Bytes => Convert.FromBase64String(text),
        Binary => new WireBytes(Convert.FromBase64String(text)),
        _ => null,
    };
}
