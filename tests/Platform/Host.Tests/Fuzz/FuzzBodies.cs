using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Maestro.Bus.Host.Tests;

/// <summary>Bodies for the routes of the host: valid ones, and what becomes of them.</summary>
static class FuzzBodies
{
    static readonly string[] Any =
    [
        """{"specificationId":"order-placed","trigger":{"order":{"number":"A-1","customer":{"name":"Ada","email":"ada@example.com"}}}}""",
        """{"specification":{"id":"f","steps":[{"id":"s","type":"notify","channel":"internal","recipient":"a","text":"{trigger.a}"}]}}""",
        """{"channel":"internal","recipients":["ada","bob"],"subject":"s","text":"t","tenant":"acme"}""",
        """{"type":"SendBulk","job":{"tenantId":"acme","channel":"internal","recipients":["ada"],"text":"t"},"priority":4,"delay":"1h"}""",
        """{"type":"SendBulk","name":"b","jobs":[{"tenantId":"acme","channel":"internal","recipients":["ada"],"text":"t"}]}""",
        """{"concurrency":2,"globalConcurrency":3}""",
        """{"reason":"because"}""",
        """{"queue":"notifications","create":false}""",
        """{"message":"{}","headers":{"a":"b"}}""",
        """{"kind":"retry","selection":{"queue":"notifications","all":true}}""",
        """{"kind":"purge","selection":{"before":"2026-01-01T00:00:00Z"}}""",
        """{"id":"evt-1","type":"order.placed","order":{"number":"A-1"}}""",
        """{"id":"evt_1","type":"invoice.paid","data":{"object":{}}}""",
        """{"ref":"refs/heads/main","repository":{"full_name":"a/b"},"pusher":{"name":"ada"}}""",
    ];

    static readonly Dictionary<string, int[]> Fitting = new()
    {
        ["/flows"] = [0, 1],
        ["/notifications/bulk"] = [2],
        ["/admin/jobs/"] = [3],
        ["/admin/jobs/batches/"] = [4],
        ["/admin/jobs/kinds/{name}/concurrency"] = [5],
        ["/admin/dead-letters/{id:long}/redirect"] = [7],
        ["/admin/dead-letters/{id:long}/edit"] = [8],
        ["/admin/dead-letters/operations/"] = [9, 10],
        ["/webhooks/{provider}"] = [11, 12, 13],
    };

    /// <summary>Makes a body for a route.</summary>
    public static byte[] For(string route, FuzzValues values)
    {
        var text = Any[Fitting.TryGetValue(route, out var fitting) && !values.OneIn(10)
            ? values.Of(fitting)
            : values.Random.Next(Any.Length)];

        return values.Random.Next(14) switch
        {
            0 => Encoding.UTF8.GetBytes(values.JsonValue()),
            1 => Cut(text, values),
            2 => Flipped(text, values),
            3 => values.Bytes(values.Of(1, 100, 10_000)),
            4 => Encoded(text, values),
            5 or 6 or 7 => Encoding.UTF8.GetBytes(text),
            _ => Encoding.UTF8.GetBytes(Mutated(text, values)),
        };
    }

    // Puts other values into some of its places, under another name or twice.
    static string Mutated(string text, FuzzValues values)
    {
        const string mark = "\"@@fuzz@@\"";
        var json = JsonNode.Parse(text)!.AsObject();

        for (var changes = values.Random.Next(1, 4); changes > 0; changes--)
        {
            var place = json;
            while (Children(place) is { Count: > 0 } children && values.OneIn(2))
                place = values.Of(children);

            var name = values.Of(place.Select(member => member.Key).ToList());
            if (values.OneIn(6))
                place.Remove(name);
            else if (values.OneIn(6))
                place[values.Text() + "x"] = "@@fuzz@@";
            else
                place[name] = "@@fuzz@@";
            if (place.Count == 0)
                break;
        }

        var mutated = json.ToJsonString();
        while (mutated.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at)
            mutated = $"{mutated[..at]}{values.JsonValue()}{mutated[(at + mark.Length)..]}";

        return values.OneIn(10) ? mutated[..^1] + "," + mutated[1..] : mutated;
    }

    static List<JsonObject> Children(JsonObject json) =>
        [.. json.Select(member => member.Value).OfType<JsonObject>().Where(child => child.Count > 0)];

    static byte[] Cut(string text, FuzzValues values) => Encoding.UTF8.GetBytes(text)[..values.Random.Next(text.Length)];

    static byte[] Flipped(string text, FuzzValues values)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var changes = values.Random.Next(1, 5); changes > 0; changes--)
            bytes[values.Random.Next(bytes.Length)] = (byte)values.Random.Next(256);
        return bytes;
    }

    static byte[] Encoded(string text, FuzzValues values)
    {
        switch (values.Random.Next(4))
        {
            case 0:
                return Encoding.Unicode.GetBytes(text);
            case 1:
                return [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)];
            case 2:
                return Encoding.Latin1.GetBytes(text + "ü");
            default:
                using (var compressed = new MemoryStream())
                {
                    using (var stream = new GZipStream(compressed, CompressionLevel.Fastest))
                        stream.Write(Encoding.UTF8.GetBytes(text));
                    return compressed.ToArray();
                }
        }
    }
}
