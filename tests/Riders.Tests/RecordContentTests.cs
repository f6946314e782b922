namespace MaestroBus.Riders.Tests;

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
        var headers = new RecordHeaders();
        if (contentType is not null)
            headers.Add(MessageHeaders.ContentType, contentType);
        var value = "\uFEFF{}"u8.ToArray();

        var content = RecordContent.Of(
            new StreamRecord(new StreamPartition("readings", 0), 1, null, value, headers, DateTimeOffset.UnixEpoch));

        Assert.Equal(value[^length..], content.Body);
    }
}
