using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Maestro.Bus.Riders;

/// <summary>
/// Turns keys into bytes and back. Bytes stay bytes, texts are UTF-8, numbers are as Confluent's serializers write them (the highest byte
/// first), ids as Java's UUIDSerializer does (36 characters), and all others are their text, whatever the culture.
/// </summary>
public static class RecordKey
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>A key's bytes.</summary>
    /// <exception cref="ArgumentException">It is a text that is no Unicode.</exception>
    public static byte[] ToBytes<TKey>(TKey key)
        where TKey : notnull
    {
        switch (key)
        {
            case byte[] bytes:
                return bytes;
            case int number:
                var four = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32BigEndian(four, number);
                return four;
            case long number:
                var eight = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64BigEndian(eight, number);
                return eight;
            case float number:
                four = new byte[sizeof(float)];
                BinaryPrimitives.WriteSingleBigEndian(four, number);
                return four;
            case double number:
                eight = new byte[sizeof(double)];
                BinaryPrimitives.WriteDoubleBigEndian(eight, number);
                return eight;
            default:
                return Strict.GetBytes(Convert.ToString(key, CultureInfo.InvariantCulture)!);
        }
    }

    /// <summary>Whether keys of a type can be read without anybody declaring how.</summary>
    public static bool IsKnown(Type type) =>
        type == typeof(byte[]) || type == typeof(Guid)
        || (!type.IsEnum
            && Type.GetTypeCode(type) is TypeCode.String or TypeCode.Int32 or TypeCode.Int64 or TypeCode.Single or TypeCode.Double);

    /// <summary>The key of bytes.</summary>
    /// <exception cref="UnreadableRecordException">They are none of that type.</exception>
    /// <exception cref="NotSupportedException">There is no such type of keys; declare how it is read.</exception>
    public static TKey FromBytes<TKey>(byte[] bytes)
        where TKey : notnull
    {
        object key = (typeof(TKey).IsEnum ? TypeCode.Object : Type.GetTypeCode(typeof(TKey))) switch
        {
            TypeCode.String => Text(bytes),
            TypeCode.Int32 => BinaryPrimitives.ReadInt32BigEndian(Exactly(sizeof(int))),
            TypeCode.Int64 => BinaryPrimitives.ReadInt64BigEndian(Exactly(sizeof(long))),
            TypeCode.Single => BinaryPrimitives.ReadSingleBigEndian(Exactly(sizeof(float))),
            TypeCode.Double => BinaryPrimitives.ReadDoubleBigEndian(Exactly(sizeof(double))),
            _ when typeof(TKey) == typeof(byte[]) => bytes,
            _ when typeof(TKey) == typeof(Guid) => Guid.TryParse(Text(bytes), out var id)
                ? id
                : throw new UnreadableRecordException($"Its key is '{Text(bytes)}', and a UUID of 36 characters is expected."),
            _ => throw new NotSupportedException(
                $"Keys of the type {typeof(TKey).Name} are not known. Declare how they are read, with ReadKey."),
        };
        return (TKey)key;

        ReadOnlySpan<byte> Exactly(int length) => bytes.Length == length
            ? bytes
            : throw new UnreadableRecordException($"Its key has {bytes.Length} bytes, and {typeof(TKey).Name} has {length}.");
    }

    static string Text(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new UnreadableRecordException("Its key is no text in UTF-8.", exception);
        }
    }
}
