namespace Maestro.Bus.Riders.Tests;

/// <summary>What an outbox keeps of a message that is on its way to a topic.</summary>
public sealed class SendContextTests
{
    [Fact]
    public void Messages_of_one_key_that_is_no_text_are_kept_in_order_by_it()
    {
        var (one, same, other) = (Context([0, 255]), Context([0, 255]), Context([0, 254]));

        Assert.Equal(Order(one), Order(same));
        Assert.NotEqual(Order(one), Order(other));
        Assert.Equal("text", Order(new StreamSendContext<Measured>(new Measured("roof", 1), default) { Key = "text" }));
    }

    static StreamSendContext<Measured> Context(byte[] key) => new(new Measured("roof", 1), default) { KeyBytes = key };

    static string? Order(PartitionKeySendContext context) => context.PartitionKey;
}
