using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Riders;

/// <summary>Writes the values of headers, which are bytes in a record.</summary>
static class RecordText
{
    /// <summary>The bytes of a value: bytes as they are, lists and tables as JSON, anything else as text; null for null.</summary>
    public static byte[]? Of(object? value) => value switch
    {
        null => null,
        byte[] bytes => bytes,
        WireBytes bytes => bytes.Value,
        string text => Encoding.UTF8.GetBytes(text),
        IDictionary or IList => JsonSerializer.SerializeToUtf8Bytes(value),
        _ => Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture)!),
    };
}
