using System.Globalization;

namespace Maestro.Bus.Riders;

/// <summary>Where a record comes from that is moved to another topic.</summary>
static class Origin
{
    /// <summary>A record's headers, with its origin where they do not tell it already.</summary>
    public static RecordHeaders AddTo(StreamRecord record, string group)
    {
        var headers = record.Headers.Copy();
        headers.Set(StreamHeaders.Group, group);

        if (headers.Get(StreamHeaders.Topic) is null)
        {
            headers.Add(StreamHeaders.Topic, record.Partition.Topic);
            headers.Add(StreamHeaders.Partition, record.Partition.Number.ToString(CultureInfo.InvariantCulture));
            headers.Add(StreamHeaders.Offset, record.Offset.ToString(CultureInfo.InvariantCulture));
            headers.Add(StreamHeaders.Timestamp, record.TimestampText);
        }

        return headers;
    }
}
