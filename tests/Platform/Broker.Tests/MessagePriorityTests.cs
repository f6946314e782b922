using MassTransit.RabbitMqTransport;
using MassTransit.SqlTransport;
using RabbitMQ.Client;

namespace Maestro.Bus.Broker.Tests;

public sealed class MessagePriorityTests
{
    [Fact]
    public void RabbitMQ_gets_the_priority_as_its_own_and_keeps_the_rest()
    {
        var context = new RabbitMqMessageSendContext<string>(new BasicProperties(), "an-exchange", "", CancellationToken.None)
        {
            RoutingKey = "a-key",
            Mandatory = true,
        };

        context.SetPriority(7);

        Assert.Equal(7, context.BasicProperties.Priority);
        Assert.Equal("an-exchange", context.Exchange);
        Assert.Equal("a-key", context.RoutingKey);
        Assert.True(context.Mandatory);
        Assert.True(context.Durable);
        Assert.False(context.BasicProperties.IsReplyToPresent() || context.BasicProperties.IsUserIdPresent()
            || context.BasicProperties.IsTypePresent());
    }

    [Theory]
    [InlineData(9, 95)]
    [InlineData(4, 100)]
    [InlineData(0, 104)]
    public void The_SQL_transports_get_the_priority_as_their_own_where_less_comes_first(int priority, int expected)
    {
        var context = new SqlMessageSendContext<string>("", CancellationToken.None);

        context.SetPriority(priority);

        Assert.Equal((short)expected, context.Priority);
    }
}
