namespace Maestro.Bus.Jobs.Tests;

/// <summary>What the messages of jobs are called on the wire: two versions of the engine on one bus must agree about it.</summary>
public sealed class WireNameTests
{
    [Theory]
    [InlineData(typeof(AddJobs), "urn:message:Maestro.Bus.Jobs:AddJobs")]
    [InlineData(typeof(JobBatchCompleted), "urn:message:Maestro.Bus.Jobs:JobBatchCompleted")]
    public void A_message_of_the_engine_has_a_name_of_its_own(Type message, string name) =>
        Assert.Equal(name, MessageUrn.ForTypeString(message));
}
