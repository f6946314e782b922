namespace MaestroBus.Messaging.Tests;

public sealed class RedeliveryPolicyTests
{
    [Fact]
    public void What_a_saga_calls_invalid_is_not_retried_either()
    {
        var policy = new QueuePolicy();
        var redelivery = new RedeliveryPolicy(new NotInvalid(), policy, new RetrySchedule(policy, new Random(1)));

        Assert.False(redelivery.IsHandled(new InvalidMessageException("Invalid.")));
        Assert.False(redelivery.IsHandled(new EventExecutionException("The Start execution faulted", new InvalidMessageException("Invalid."))));
        Assert.True(redelivery.IsHandled(new EventExecutionException("The Start execution faulted", new TimeoutException())));
    }

    sealed class NotInvalid : IExceptionFilter
    {
        public bool Match(Exception exception) => exception is not InvalidMessageException;

        public void Probe(ProbeContext context) => context.CreateScope("not-invalid");
    }
}
