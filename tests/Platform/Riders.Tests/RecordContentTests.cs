using System.Text;

namespace Maestro.Bus.Riders.Tests;

/// <summary>What of a record's value is the message.</summary>
public sealed class RecordContentTests
{
    [Theory]
    [InlineData(null, 2)]
    [InlineData("application/json", 2)]
    [InlineData("application/vnd.acme+json; charset=utf-8", 2)]
    [InlineData("application/octet-stream", 5)]
    [InlineData("application/x-protobuf", 5)]
    public void A_byte_order_mark_is_skipped_before_JSON_and_kept_in_all_else(string? contentType, int length)
    {
        var value = "\uFEFF{}"u8.ToArray();

        var content = Of(value, contentType);

        Assert.Equal(value[^length..], content.Body);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16", "utf-16")]
    [InlineData("application/json; charset=\"ISO-8859-1\"", "iso-8859-1")]
    [InlineData("text/json;charset=windows-1252", "windows-1252")]
    public void A_value_is_read_in_the_charset_of_its_content_type(string contentType, string charset)
    {
        const string json = """{"place":"Ærø"}""";

        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);

        var content = Of(encoding.GetBytes(json), contentType);

        Assert.Equal(json, Encoding.UTF8.GetString(content.Body));
        Assert.Null(content.Problem);
    }

    [Fact]
    public void The_data_of_a_CloudEvent_is_read_in_the_charset_that_the_event_says_of_it_or_has_itself()
    {
        var data = Convert.ToBase64String(Encoding.Latin1.GetBytes("""{"place":"Ærø"}"""));

        var bytes = Of(
            Encoding.Unicode.GetBytes($$"""{"datacontenttype":"application/json; charset=iso-8859-1","data_base64":"{{data}}"}"""),
            "application/cloudevents+json; charset=utf-16");
        var within = Of(
            Encoding.UTF8.GetBytes("""{"datacontenttype":"application/json; charset=iso-8859-1","data":{"place":"Ærø"}}"""),
            "application/cloudevents+json");

        Assert.All([bytes, within], content => Assert.Equal("""{"place":"Ærø"}""", Encoding.UTF8.GetString(content.Body)));
    }

    [Fact]
    public void A_charset_that_is_not_known_is_told_of()
    {
        Assert.Equal(
            "It is in the charset 'klingon', which is not known. Send it in UTF-8.",
            Of("{}"u8.ToArray(), "application/json; charset=klingon").Problem);
        Assert.Null(Of("{}"u8.ToArray(), "application/x-protobuf; charset=klingon").Problem);
    }

    static RecordContent Of(byte[] value, string? contentType)
    {
        var headers = new RecordHeaders();
        if (contentType is not null)
            headers.Add(MessageHeaders.ContentType, contentType);
        return RecordContent.Of(new StreamRecord(new StreamPartition("readings", 0), 1, null, value, headers, DateTimeOffset.UnixEpoch));
    }
}
