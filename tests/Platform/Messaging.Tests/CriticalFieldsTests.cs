namespace Maestro.Bus.Messaging.Tests;

public sealed class CriticalFieldsTests
{
    static readonly Order Sample = new(17, "two shirts", new Buyer("ada", 36));

    [Fact]
    public void Only_what_is_critical_counts()
    {
        var fields = CriticalFields.Of(typeof(Order), ["Number", "Buyer.Name"]);

        Assert.Equal(fields.Hash(Sample), fields.Hash(Sample with { Text = "one shirt", Buyer = new Buyer("ada", 37) }));
        Assert.NotEqual(fields.Hash(Sample), fields.Hash(Sample with { Number = 18 }));
        Assert.NotEqual(fields.Hash(Sample), fields.Hash(Sample with { Buyer = new Buyer("eve", 36) }));
        Assert.NotEqual(fields.Hash(Sample), fields.Hash(Sample with { Buyer = null }));
    }

    [Fact]
    public void The_order_in_which_they_are_named_does_not_count() =>
        Assert.Equal(CriticalFields.Of(typeof(Order), ["Text", "Number"]).Hash(Sample),
            CriticalFields.Of(typeof(Order), ["Number", "Text"]).Hash(Sample));

    [Fact]
    public void Without_a_name_all_of_the_message_counts()
    {
        var fields = CriticalFields.Of(typeof(Order), []);

        Assert.Equal(fields.Hash(Sample), fields.Hash(Sample with { }));
        Assert.NotEqual(fields.Hash(Sample), fields.Hash(Sample with { Buyer = new Buyer("ada", 37) }));
    }

    [Fact]
    public void The_hash_is_the_golden_one() =>
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("""{"Number":17}"""u8)),
            CriticalFields.Of(typeof(Order), ["Number"]).Hash(Sample));

    [Fact]
    public void A_field_that_the_message_does_not_have_is_refused_with_those_that_it_has() =>
        Assert.Equal(
            "Order has no critical field 'Buyer.Nme': Buyer has Name, Age. Name one of its own.",
            Assert.Throws<BusConfigurationException>(() => CriticalFields.Of(typeof(Order), ["Buyer.Nme"])).Message);

    [Fact]
    public void An_expression_is_a_path()
    {
        Assert.Equal("Buyer.Age", CriticalFields.PathOf((Order order) => (object)order.Buyer!.Age));
        Assert.Contains("names no field of a message",
            Assert.Throws<BusConfigurationException>(() => CriticalFields.PathOf((Order order) => order.ToString())).Message);
    }

    [Fact]
    public void A_key_names_tenant_type_hash_and_window_and_knows_the_windows_beside_it()
    {
        var sent = new DateTimeOffset(2026, 3, 1, 12, 4, 59, TimeSpan.Zero);
        var key = IdempotencyKey.Of("payments:Pay", "acme", "Pay", "abc", sent, TimeSpan.FromMinutes(5));
        var later = IdempotencyKey.Of("payments:Pay", "acme", "Pay", "abc", sent.AddSeconds(1), TimeSpan.FromMinutes(5));

        Assert.Equal($"acme:Pay:abc:{sent.UtcTicks / TimeSpan.FromMinutes(5).Ticks}", key.Text);
        Assert.Equal(key.Text, later.Neighbours[0]);
        Assert.Equal(later.Text, key.Neighbours[1]);
    }

    sealed record Order(int Number, string Text, Buyer? Buyer);

    sealed record Buyer(string Name, int Age);
}
