using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    const string Envelope = "application/vnd.masstransit+json";
    const string Raw = "application/json";

    static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly QueuePolicy TriedTwice = OneAtATime with { Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(20) };

    [Theory]
    [InlineData(Envelope, "utf-8", true)]
    [InlineData($"{Envelope}; charset=utf-16", "utf-16", false)]
    [InlineData($"{Envelope}; charset=iso-8859-1", "iso-8859-1", false)]
    [InlineData(Raw, "utf-8", true)]
    [InlineData(Raw, "utf-16", true)]
    [InlineData($"{Raw}; charset=\"UTF-16\"", "utf-16", false)]
    [InlineData($"{Raw}; charset=iso-8859-1", "iso-8859-1", false)]
    [InlineData($"{Raw}; charset=windows-1252", "utf-8", true)]
    public async Task A_body_is_read_in_its_charset_and_without_its_byte_order_mark(string contentType, string charset, bool hasMark)
    {
        var (queue, received, attempts) = (NewQueue(), new Received<string>(), 0);
        var host = await Start(new ComplianceDomain(queue, TriedTwice) { ReadsRawJson = true }.On<Work>(context =>
            ++attempts == 1
                ? throw new InvalidOperationException("Not at the first time.")
                : received.Add(context.Message.Text)));

        await SendText(host, queue, contentType, charset, hasMark, "Ærø");

        Assert.Equal(["Ærø"], await received.AtLeast(1));
    }

    [Theory]
    [InlineData($"{Envelope}; charset=klingon")]
    [InlineData($"{Raw}; charset=klingon")]
    public async Task A_body_in_a_charset_that_is_not_known_is_a_dead_letter_that_says_so_and_has_it_as_it_came(string contentType)
    {
        var (queue, received) = (NewQueue(), new Received<string>());
        var host = await Start(
            new ComplianceDomain(queue, TriedTwice) { ReadsRawJson = true }.On<Work>(context => received.Add(context.Message.Text)));
        var letters = await DeadLettersOf(host, queue);

        await SendText(host, queue, contentType, "utf-8", hasMark: false, "unreadable");
        await SendText(host, queue, contentType.Split(';')[0], "utf-8", hasMark: false, "readable");

        Assert.Equal(["readable"], await received.AtLeast(1));
        var letter = Assert.Single(await letters.AtLeast(1));
        Assert.Equal(DeadLetterReason.Unreadable, $"{letter.Headers[MessageHeaders.Reason]}");
        Assert.Contains(
            "It is in the charset 'klingon', which is not known. Send it in UTF-8.", $"{letter.Headers[MessageHeaders.FaultMessage]}",
            StringComparison.Ordinal);
        Assert.Equal(Text(contentType, "utf-8", hasMark: false, "unreadable"), letter.Body);
    }

    [Fact]
    public async Task The_dead_letter_of_a_body_in_another_charset_has_it_as_it_came()
    {
        var queue = NewQueue();
        var host = await Start(new ComplianceDomain(queue, OneAtATime) { ReadsRawJson = true }.On<Work>(
            _ => throw new InvalidOperationException("Never.")));
        var letters = await DeadLettersOf(host, queue);
        const string contentType = $"{Raw}; charset=utf-16";

        await SendText(host, queue, contentType, "utf-16", hasMark: true, "Ærø");

        var letter = Assert.Single(await letters.AtLeast(1));
        Assert.Equal(Text(contentType, "utf-16", hasMark: true, "Ærø"), letter.Body);
    }

    static byte[] Text(string contentType, string charset, bool hasMark, string text)
    {
        var message = new Work(1, text);
        var json = contentType.StartsWith(Envelope, StringComparison.Ordinal)
            ? JsonSerializer.Serialize(
                new { messageType = new[] { MessageUrn.ForTypeString<Work>() }, message, headers = new { } }, Unescaped)
            : JsonSerializer.Serialize(message, Unescaped);
        var encoding = Encoding.GetEncoding(charset);
        return [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(json)];
    }

    static Task SendText(IHost host, string queue, string contentType, string charset, bool hasMark, string text) =>
        Send(host, queue, new Work(0), context =>
            context.Serializer = new RawSerializer(Text(contentType, charset, hasMark, text), contentType));
}
