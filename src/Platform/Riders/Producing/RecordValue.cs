using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Riders;

/// <summary>Turns messages into bytes: plain JSON, which any program can read.</summary>
public static class RecordValue
{
    // The pipeline's own options write for people to read, at twice the length.
    static readonly JsonSerializerOptions Options = new(SystemTextJsonMessageSerializer.Options) { WriteIndented = false };

    /// <summary>A message's bytes.</summary>
    public static byte[] ToBytes<T>(T message)
        where T : class =>
        JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <summary>The message of bytes.</summary>
    /// <exception cref="UnreadableRecordException">They are none of that type.</exception>
    public static object FromBytes(Type type, byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type, SystemTextJsonMessageSerializer.Options)
                ?? throw new UnreadableRecordException($"It is null, and no {TypeCache.GetShortName(type)}.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            // A constructor may refuse what it is given, too.
            throw new UnreadableRecordException($"It is no {TypeCache.GetShortName(type)} in JSON: {exception.Message}", exception);
        }
    }
}
