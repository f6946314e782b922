namespace Maestro.Bus.Messaging.Tests;

/// <summary>The type of a message is found by its name on the wire, also where the process has not used the type before.</summary>
public sealed class MessageTypesTests
{
    [Theory]
    [InlineData(typeof(ProbeMessage))]
    [InlineData(typeof(Inner))]
    [InlineData(typeof(Named))]
    [InlineData(typeof(Fault))]
    [InlineData(typeof(Fault<ProbeMessage>))]
    [InlineData(typeof(Fault<Inner>))]
    [InlineData(typeof(Pair<Inner, Fault<ProbeMessage>>))]
    [InlineData(typeof(Pair<Pair<Inner, ProbeMessage>, Inner>))]
    public void A_type_is_found_by_its_name(Type type) => Assert.Equal(type, MessageTypes.Find(MessageUrn.ForTypeString(type)));

    [Theory]
    [InlineData("")]
    [InlineData("urn:message:")]
    [InlineData("urn:message:Nowhere:Nothing")]
    [InlineData("urn:message:MassTransit:Fault[[Nowhere:Nothing]]")]
    [InlineData("urn:message:MassTransit:Fault[[")]
    [InlineData("urn:message:MassTransit:Fault[[MassTransit:Fault]")]
    [InlineData("urn:message:MassTransit:Fault[[MassTransit:Fault]]]")]
    [InlineData("urn:message:System:Nullable[[System:String]]")]
    [InlineData("urn:message:System:String, mscorlib")]
    [InlineData("urn:message:Nowhere:A\\B*&")]
    [InlineData("ProbeMessage")]
    public void What_is_no_name_of_a_known_type_is_none(string name) => Assert.Null(MessageTypes.Find(name));

    [Fact]
    public void A_name_of_very_many_levels_is_none()
    {
        var name = string.Concat(Enumerable.Repeat("MassTransit:Fault[[", 100_000));

        Assert.Null(MessageTypes.Find($"urn:message:{name}"));
    }

    [Fact]
    public async Task A_stored_message_that_says_it_is_of_a_type_of_the_system_is_sent_to_its_address()
    {
        await using var services = new ServiceCollection().AddMassTransit(bus => bus.UsingInMemory()).BuildServiceProvider(true);
        var bus = services.GetRequiredService<IBus>();

        Assert.NotNull(await bus.GetStoredSendEndpoint(new Uri("queue:orders"), ["urn:message:System:String"]));
    }

    public sealed record Inner;

    [MessageUrn("acme-named")]
    public sealed record Named;
}

public sealed record Pair<TFirst, TSecond>(TFirst First, TSecond Second);
