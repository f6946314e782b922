using System.Globalization;
using System.Text;

namespace Maestro.Bus.Host.Tests;

/// <summary>Hostile values for every place of a request, drawn by a seeded generator.</summary>
sealed class FuzzValues(Random random)
{
    /// <summary>Begins what must never begin a line of the log.</summary>
    public const string Forged = "FORGED-LINE";

    static readonly string[] Texts =
    [
        "", " ", "acme", "default", "globex", "*", "null", "true", "-1", "0", "1", "999999999999999999999", "1e400", "NaN", "..",
        "../../etc/passwd", "%s%n",
        "' OR 1=1 --", "\"", "\\", "<script>alert(1)</script>", "{trigger.a}", "{{7*7}}", "${jndi:ldap://x}", "a\0b", $"a\n{Forged}",
        $"a\r{Forged}",
        $"\u001b[2J{Forged}", "\u202Eabc\u2066", "\u2028", "\uFEFF", "ü東🎉", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999+14:00",
        "2026-02-30", "10675199.02:48:05", "99999999d", "PT1H", "waiting", "any", "fault", "hour", "SendBulk", "notifications", "internal",
        "email",
        "0b6f1c1e-3c5d-4e0a-9a53-6f6e0b9d2f11", "00000000-0000-0000-0000-000000000000", "queue:x", "topic:y", "exchange:z?bind=true",
        "usage-report.acme",
    ];

    static readonly string[] Json =
    [
        "null", "true", "-1", "0", "1", "123456789012345678901234567890", "1e400", "-1e-400", "1.5", "\"\"", "\"x\"", "[]", "{}", "[null]",
        "{\"a\":null}", "\"\\u0000\"",
        "\"\\ud800\"", "\"\\udfff\\ud800\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"A\":2}", "{\"\":1}", "{\"\\u0000\":1}", "{\"\\ud800\":1}",
        "\"9999-12-31T23:59:59Z\"",
        "\"99999999d\"", "NaN", "'x'", "// c\n1", "[1,]", "2147483648", "-2147483649", "9223372036854775808",
    ];

    public Random Random => random;

    /// <summary>One of some values.</summary>
    public T Of<T>(params IReadOnlyList<T> values) => values[random.Next(values.Count)];

    /// <summary>Tells whether something happens that happens once in so many times.</summary>
    public bool OneIn(int times) => random.Next(times) == 0;

    public string Text() => random.Next(12) switch
    {
        0 => new string((char)random.Next(1, 0x7f), random.Next(1, 3_000)),
        1 => random.Next().ToString(CultureInfo.InvariantCulture),
        2 => string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)random.Next(1, 0xD7FF))),
        _ => Of(Texts),
    };

    /// <summary>A JSON value, or what nearly is one.</summary>
    public string JsonValue() => random.Next(14) switch
    {
        0 => Nested(Of(20, 31, 33, 64, 200, 20_000), "[", "]"),
        1 => Nested(Of(20, 33, 64, 5_000), "{\"a\":", "}"),
        2 => $"{{{string.Join(',', Enumerable.Range(0, Of(10, 1_000, 20_000)).Select(number => $"\"k{number}\":{number}"))}}}",
        3 => $"[{string.Join(',', Enumerable.Repeat("0", Of(10, 1_000, 200_000)))}]",
        4 => $"\"{new string('x', Of(1_000, 70_000, 900_000))}\"",
        5 => System.Text.Json.JsonSerializer.Serialize(Text()),
        _ => Of(Json),
    };

    /// <summary>Text as a part of an address, with its reserved characters escaped, some of them or none.</summary>
    public string Escaped(string text) => random.Next(5) switch
    {
        0 => Broken(text),
        1 => string.Concat(Encoding.UTF8.GetBytes(text).Select(value => $"%{value:X2}")),
        _ => Uri.EscapeDataString(text),
    };

    public byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    // Line ends would only begin another request.
    string Broken(string text) => text.Replace('\n', ' ').Replace('\r', ' ') + Of("%", "%0", "%zz", "%ff", "%c0%af", "%u0041", "%00",
        "%0d%0a", "//", ";x=1");

    static string Nested(int levels, string open, string close) =>
        new StringBuilder().Insert(0, open, levels).Append('1').Insert(levels * open.Length + 1, close, levels).ToString();
}
