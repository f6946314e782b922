using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Admin.Tests;

/// <summary>Bodies that are no messages, or nearly. The same seed makes the same ones.</summary>
static class FuzzedBodies
{
    const int LargeLength = 5 << 20;

    /// <summary>So many bodies, one in so many of them large.</summary>
    public static IEnumerable<byte[]> Make(int count, int seed, int largeEvery)
    {
        var random = new Random(seed);
        for (var number = 0; number < count; number++)
            yield return number % largeEvery == 0 ? Large(random) : Make(random, number);
    }

    static byte[] Make(Random random, int number) => (number % 10) switch
    {
        0 => Bytes(random, random.Next(0, 400)),
        1 => Truncated(random),
        2 => Damaged(random),
        3 => Nested(random.Next(70, 20_000)),
        4 => Json(new { messageId = "no id", messageType = new[] { Urn }, message = new { kind = "odd" } }),
        5 => Json(new
        {
            messageId = NewId.NextGuid(),
            messageType = new[] { Urn },
            message = new
            {
                kind = 5,
                number = "five",
                text = new[] { 1 }
            }
        }),
        6 => Json(new { messageId = NewId.NextGuid(), messageType = new[] { "urn:message:Nobody:Knows" }, message = new { } }),
        7 => Json(new { messageId = NewId.NextGuid(), messageType = 7, message = "text", headers = "none" }),
        8 => Encoding.UTF8.GetBytes(
            new[] { "", " ", "null", "[]", "{}", "\"text\"", "-1e999", "{\"message\":null}", "\uFEFF{}", "\u0000" }[random.Next(10)]),
        _ => Json(new { kind = 1.5, number = long.MaxValue, text = new { deep = Enumerable.Range(0, 20) } }),
    };

    static string Urn => MessageUrn.ForTypeString<Poison>();

    static byte[] Valid(string text) =>
        Json(new { messageId = NewId.NextGuid(), messageType = new[] { Urn }, message = new { kind = "odd", number = 1, text } });

    static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);

    static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    static byte[] Truncated(Random random)
    {
        var whole = Valid("truncated");
        return whole[..random.Next(1, whole.Length)];
    }

    static byte[] Damaged(Random random)
    {
        var bytes = Valid("damaged");
        for (var i = 0; i < 5; i++)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

        return bytes;
    }

    static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(
        $"{{\"messageId\":\"{NewId.NextGuid()}\",\"messageType\":[\"{Urn}\"],\"message\":{new string('[', depth)}{new string(
            ']', depth)}}}");

    // A text of 5 MB in a message that nobody can do anything with.
    static byte[] Large(Random random) => Valid(new string((char)random.Next('a', 'z'), LargeLength));
}
