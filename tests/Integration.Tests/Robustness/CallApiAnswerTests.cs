using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MaestroBus.Integration.Tests;

/// <summary>Whatever an API answers, the call is made once and its outcome is recorded.</summary>
public sealed class CallApiAnswerTests
{
    [Theory]
    [InlineData("application/json; charset=ISO-8859-1", "iso-8859-1", false)]
    [InlineData("application/json; charset=\"windows-1252\"", "windows-1252", false)]
    [InlineData("text/plain; charset=ISO-8859-15", "iso-8859-15", false)]
    [InlineData("application/json; charset=utf-16", "utf-16", false)]
    [InlineData("application/json", "utf-8", true)]
    [InlineData("application/json; charset=ISO-8859-1", "utf-8", true)]
    [InlineData("application/problem+json", "utf-16", true)]
    [InlineData("application/json", "utf-16BE", true)]
    [InlineData("application/json", "utf-32", true)]
    public async Task An_answer_is_read_in_its_charset_and_without_its_byte_order_mark(string contentType, string charset, bool hasMark)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = Encoding.GetEncoding(charset);
        var isJson = contentType.Contains("json", StringComparison.Ordinal);
        var bytes = encoding.GetBytes(isJson ? """{"name":"Jörg"}""" : "Jörg");
        await using var api = await Answering(contentType, hasMark ? [.. encoding.GetPreamble(), .. bytes] : bytes);
        await using var shop = await CallApiScenario.Start(api.Address);

        var body = (await shop.Succeeds(CallApiScenario.Call())).Body!.Value;

        Assert.Equal("Jörg", (isJson ? body.GetProperty("name") : body).GetString());
    }

    [Theory]
    [InlineData("application/json; charset=klingon")]
    [InlineData("text/plain; charset=utf-7")]
    public async Task An_unknown_charset_fails_the_call_and_says_so(string contentType)
    {
        await using var api = await Answering(contentType, "{}"u8.ToArray());
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call("POST", body: "{}"));

        Assert.Equal(200, failure.Status);
        Assert.Equal(
            $"The answer of 'shop' cannot be recorded. It is in the charset '{contentType.Split('=')[1]}', which is not known. Have the "
                + "server answer in UTF-8.",
            failure.Reason);
        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData("""{"name":"x","s":"\ud83d half"}""", """{"name":"x","s":"\ufffd half"}""")]
    [InlineData("""{"s":"half \udc00"}""", """{"s":"half \ufffd"}""")]
    [InlineData("""{"\ud83d":"\ud83d\ud83d\ude00"}""", """{"\ufffd":"\ufffd😀"}""")]
    [InlineData("""["a\u0000b"]""", """["a\ufffdb"]""")]
    [InlineData("""{"s":"\"\\\/\b\f\n\r\t\u00e9","n":[1,-0.5,1E400,true,false,null,{},[]]}""",
        """{"s":"\"\\/\b\f\n\r\té","n":[1,-0.5,1E400,true,false,null,{},[]]}""")]
    public async Task What_cannot_be_stored_is_replaced_and_the_rest_stays(string answer, string recorded)
    {
        await using var api = await Answering("application/json", Encoding.UTF8.GetBytes(answer));
        await using var shop = await CallApiScenario.Start(api.Address);

        var body = (await shop.Succeeds(CallApiScenario.Call("POST", body: "{}"))).Body!.Value;

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(recorded), body), body.GetRawText());
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task A_text_with_NUL_is_recorded_without_it()
    {
        await using var api = await Answering("text/plain", "a\0b"u8.ToArray());
        await using var shop = await CallApiScenario.Start(api.Address);

        Assert.Equal("a\ufffdb", (await shop.Succeeds(CallApiScenario.Call())).Body!.Value.GetString());
    }

    [Theory]
    [InlineData("""{"order":{"id":1,"id":2}}""", "$.order.id: There are two members of this name.")]
    [InlineData("""{"id":1,"\u0069d":2}""", "$.id: There are two members of this name.")]
    [InlineData("""{"\ud800":1,"\ud801":2}""", "There are two members of this name.")]
    public async Task Repeated_names_fail_the_call_once_and_say_where(string answer, string reason)
    {
        await using var api = await Answering("application/json", Encoding.UTF8.GetBytes(answer));
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call("POST", body: "{}"));

        Assert.StartsWith("The answer of 'shop' cannot be recorded. ", failure.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Reason, StringComparison.Ordinal);
        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData(JsonDoor.DefaultDepth, true)]
    [InlineData(JsonDoor.DefaultDepth + 1, false)]
    [InlineData(JsonDoor.DefaultDepth + 2, false)]
    [InlineData(100_000, false)]
    public async Task An_answer_with_too_many_levels_fails_the_call_once(int depth, bool succeeds)
    {
        await using var api = await Answering("application/json", Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)));
        await using var shop = await CallApiScenario.Start(api.Address);

        if (succeeds)
            await shop.Succeeds(CallApiScenario.Call("POST", body: "{}"));
        else
            Assert.Equal(
                "The answer of 'shop' cannot be recorded. It has more than 32 levels of objects and arrays.",
                (await shop.Fails(CallApiScenario.Call("POST", body: "{}"))).Reason);

        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData(40, true)]
    [InlineData(41, false)]
    public async Task The_levels_of_an_answer_can_be_set(int depth, bool succeeds)
    {
        await using var api = await Answering("application/json", Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)));
        await using var shop = await CallApiScenario.Start(api.Address, ("MaxResponseDepth", "40"));

        if (succeeds)
            await shop.Succeeds(CallApiScenario.Call());
        else
            Assert.Contains("more than 40 levels", (await shop.Fails(CallApiScenario.Call())).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", "cannot be decompressed")]
    [InlineData("compress", "is encoded with 'compress'")]
    public async Task An_answer_that_cannot_be_decoded_fails_the_call_once(string encoding, string reason)
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            return context.Response.WriteAsync("""{"this":"is not compressed"}""");
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call("POST", body: "{}"));

        Assert.Contains(reason, failure.Reason, StringComparison.Ordinal);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task A_compressed_answer_counts_with_what_it_holds()
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            await gzip.WriteAsync(new byte[1_000_000], TestContext.Current.CancellationToken);
        await using var api = await Api.Start(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(compressed.ToArray()).AsTask();
        });
        await using var shop = await CallApiScenario.Start(api.Address, ("MaxResponseSize", "10000"));

        Assert.Contains("is longer than 10000 bytes", (await shop.Fails(CallApiScenario.Call())).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told_on_one_line_and_cut_between_characters()
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("no\u001b[31m\0 " + new string('x', 291) + "😀😀😀");
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call("POST", body: "{}"));

        Assert.Equal($"'shop' answered 400: no [31m\ufffd {new string('x', 291)}…", failure.Reason);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task No_cookie_is_kept_and_no_header_is_recorded()
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.Headers.SetCookie = "session=stolen; Path=/";
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"stolen\"";
            return context.Response.WriteAsJsonAsync(new { number = 17 });
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        var answer = await shop.Succeeds(CallApiScenario.Call());
        await shop.Bus.Bus.Publish(CallApiScenario.Call(), TestContext.Current.CancellationToken);
        await Eventually.True(() => Task.FromResult(api.Requests.Count == 2), TimeSpan.FromMinutes(1), "the second call",
            TestContext.Current.CancellationToken);

        Assert.DoesNotContain("stolen", JsonSerializer.Serialize(answer), StringComparison.Ordinal);
        Assert.DoesNotContain("Cookie", api.Requests.Last().Headers.Keys);
    }

    static Task<Api> Answering(string contentType, byte[] body) => Api.Start(context =>
    {
        context.Response.ContentType = contentType;
        return context.Response.Body.WriteAsync(body).AsTask();
    });
}
