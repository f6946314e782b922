using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Bus.Messaging.Tests;

public sealed class JsonDoorTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("NaN")]
    [InlineData("\"a\u0000b\"")]
    [InlineData("\"\\u12\"")]
    public void What_is_not_one_JSON_document_is_refused_with_line_and_byte(string json) =>
        Assert.StartsWith("This is not JSON: see line 1, byte ", Problem(json)!.Message, StringComparison.Ordinal);

    [Fact]
    public void A_broken_document_is_refused_with_the_place_where_it_breaks() =>
        Assert.Equal("$.a[1].b", Problem("""{ "a": [0, { "b": tru } ] }""")!.Path);

    [Fact]
    public void What_is_not_UTF_8_is_refused() =>
        Assert.Equal(
            new JsonProblem("$", "The document is not UTF-8. Send JSON in UTF-8."),
            JsonDoor.FindProblem([.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8]));

    [Theory]
    [InlineData("""{ "id": 1, "id": 2 }""", "$.id")]
    [InlineData("""{ "id": 1, "\u0069d": 2 }""", "$.id")]
    [InlineData("""{ "a": [ 1, { "b": 1 }, { "c": { "d e": 1, "d e": {} } } ] }""", "$.a[2].c['d e']")]
    [InlineData("""{ "a": { "x": 1 }, "b": { "x": 1, "y": [], "x": 1 } }""", "$.b.x")]
    [InlineData("""{ "\n": 1, "\n": 1 }""", @"$['\u000a']")]
    [InlineData("""{ "": 1, "": 1 }""", "$['']")]
    public void A_repeated_name_is_refused_with_its_path(string json, string path) =>
        Assert.Equal(new JsonProblem(path, "There are two members of this name. Send one of them."), Problem(json));

    [Fact]
    public void A_path_shows_the_beginning_of_a_long_name_only()
    {
        var name = new string('n', 65);

        Assert.Equal($"$['{name[..64]}…']", Problem($$"""{ "{{name}}": 1, "{{name}}": 1 }""")!.Path);
    }

    [Theory]
    [InlineData("""{ "a": ["x", "b\u0000"] }""", "$.a[1]", "NUL")]
    [InlineData("""{ "a": 1, "b\u0000": 2 }""", "$.a", "NUL")]
    [InlineData("""["\ud83d"]""", "$[0]", "half a surrogate pair")]
    [InlineData("""["\udce6\ud83d"]""", "$[0]", "half a surrogate pair")]
    [InlineData("""["\ud83dx\udce6"]""", "$[0]", "half a surrogate pair")]
    [InlineData("""["\ud83d\n"]""", "$[0]", "half a surrogate pair")]
    [InlineData("""["\ud83d\u0041"]""", "$[0]", "half a surrogate pair")]
    [InlineData("""{ "\ud83d": 1 }""", "$", "half a surrogate pair")]
    public void Text_that_cannot_be_written_again_is_refused_with_its_path(string json, string path, string message)
    {
        var problem = Problem(json);

        Assert.Equal(path, problem?.Path);
        Assert.Contains(message, problem!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(2, "$.a[0]")]
    [InlineData(1, "$.a")]
    public void A_document_may_have_so_many_levels_as_are_allowed(int maxDepth, string? path) =>
        Assert.Equal(path, JsonDoor.FindProblem("""{ "a": [{}] }"""u8, maxDepth)?.Path);

    [Theory]
    [InlineData("null")]
    [InlineData(" 1e999 ")]
    [InlineData("\"\\\\u0000\"")]
    [InlineData("""{ "a": 1, "A": 2, "b": { "a": 3 }, "c": [{ "a": 1 }, { "a": 1 }], "d\\": "\\\ud83d\udce6\t\u0041" }""")]
    public void What_is_sound_passes_and_can_be_read_by_every_parser_behind(string json)
    {
        Assert.Null(JsonDoor.Parse(Encoding.UTF8.GetBytes(json), out var value));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonSerializer.SerializeToNode(value)));
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        Assert.Null(JsonDoor.Parse([0xEF, 0xBB, 0xBF, .. "[1]"u8], out var value));
        Assert.Equal(1, value[0].GetInt32());
    }

    static JsonProblem? Problem(string json) => JsonDoor.FindProblem(Encoding.UTF8.GetBytes(json));
}
