using System.Globalization;
using System.Text.Json;

namespace MaestroBus.Persistence;

/// <summary>Writes the value of a header or transport property so that it comes back as what it was: a transport may send a time differently from a text.</summary>
static class MetadataValue
{
    const string DateTimeTag = "time";
    const string DateTimeOffsetTag = "instant";
    const string BytesTag = "bytes";

    public static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte or short or int or long or sbyte or ushort or uint:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case Guid id:
                writer.WriteStringValue(id);
                break;
            case Uri address:
                writer.WriteStringValue(address.ToString());
                break;
            case DateTime time:
                Write(writer, DateTimeTag, time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset instant:
                Write(writer, DateTimeOffsetTag, instant.ToString("O", CultureInfo.InvariantCulture));
                break;
            case TimeSpan duration:
                writer.WriteStringValue(duration.ToString("c", CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                Write(writer, BytesTag, Convert.ToBase64String(bytes));
                break;
            default:
                JsonSerializer.Serialize(writer, value, value.GetType());
                break;
        }
    }

    public static object Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number : value.GetDouble(),
        JsonValueKind.Array when value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.String && value[0].ValueEquals(DateTimeTag) =>
            DateTime.Parse(value[1].GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        JsonValueKind.Array when value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.String && value[0].ValueEquals(DateTimeOffsetTag) =>
            DateTimeOffset.Parse(value[1].GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        JsonValueKind.Array when value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.String && value[0].ValueEquals(BytesTag) =>
            value[1].GetBytesFromBase64(),
        _ => value.Clone(),
    };

    static void Write(Utf8JsonWriter writer, string tag, string text)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(tag);
        writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
