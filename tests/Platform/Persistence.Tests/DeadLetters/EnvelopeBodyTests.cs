using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What is read of the bodies of dead letters that are not in UTF-8, and how they go back.</summary>
public sealed class EnvelopeBodyTests
{
    const string Envelope = "application/vnd.masstransit+json";

    const string Json =
        """{"messageType":["urn:message:Acme:Placed"],"expirationTime":"2026-01-01T00:00:00Z","headers":{},"message":{"place":"Ærø"}}""";

    static readonly byte[] Marked = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Json)];

    public static TheoryData<string, byte[]> Bodies { get; } = new()
    {
        { Envelope, Marked },
        { $"{Envelope}; charset=iso-8859-1", Encoding.Latin1.GetBytes(Json) },
        { $"{Envelope}; charset=utf-16", Encoding.Unicode.GetBytes(Json) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void The_message_within_is_read_in_the_charset_of_the_envelope(string contentType, byte[] body) =>
        Assert.Equal("Ærø", JsonElement.Parse(EnvelopeBody.Message(body, contentType).Span).GetProperty("place").GetString());

    /// <summary>The mark tells more surely than the charset, which stays.</summary>
    [Theory]
    [MemberData(nameof(Bodies))]
    public void What_is_changed_goes_back_in_UTF_8_with_a_byte_order_mark(string contentType, byte[] body)
    {
        var sent = EnvelopeBody.WithoutFailure(body, contentType, EnvelopeChanges.None);

        Assert.Equal(Encoding.UTF8.GetBytes(Json.Replace("\"2026-01-01T00:00:00Z\"", "null", StringComparison.Ordinal)), WithoutMark(sent));
    }

    [Theory]
    [InlineData(Envelope)]
    [InlineData($"{Envelope};charset=UTF-8")]
    [InlineData($"{Envelope}; charset=\"us-ascii\"")]
    public void What_has_come_in_UTF_8_without_a_mark_goes_back_without_one(string contentType)
    {
        var sent = EnvelopeBody.WithoutFailure(Encoding.UTF8.GetBytes(Json), contentType, EnvelopeChanges.None);

        Assert.Equal(Json.Replace("\"2026-01-01T00:00:00Z\"", "null", StringComparison.Ordinal), Encoding.UTF8.GetString(sent));
    }

    [Fact]
    public void Raw_JSON_that_is_edited_goes_back_in_UTF_8_with_a_byte_order_mark_where_it_has_had_another_charset()
    {
        var edited = new EnvelopeChanges(new Dictionary<string, object?>(), Message: "{}"u8.ToArray());

        var other = EnvelopeBody.WithoutFailure("{\"a\":1}"u8.ToArray(), "application/json; charset=iso-8859-1", edited);
        var usual = EnvelopeBody.WithoutFailure("{\"a\":1}"u8.ToArray(), "application/json", edited);

        Assert.Equal("{}"u8.ToArray(), WithoutMark(other));
        Assert.Equal("{}"u8.ToArray(), usual);
    }

    [Fact]
    public void What_is_not_changed_goes_back_byte_for_byte()
    {
        var body = Encoding.Unicode.GetBytes("""{"place":"Ærø"}""");

        Assert.Same(body, EnvelopeBody.WithoutFailure(body, "application/json; charset=utf-16", EnvelopeChanges.None));
    }

    static byte[] WithoutMark(byte[] body)
    {
        Assert.True(body.AsSpan().StartsWith(Encoding.UTF8.Preamble));
        return body[Encoding.UTF8.Preamble.Length..];
    }
}
