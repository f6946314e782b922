namespace Maestro.Bus.Messaging.Tests;

public sealed class DeterministicIdTests
{
    [Fact]
    public void The_same_parts_give_the_same_id_for_ever() =>
        Assert.Equal(
            (Guid.Parse("5362c008-115f-8b07-904d-c6a493923cd8"), 8),
            (DeterministicId.Of("webhook", "acme", "github", "d-1"), DeterministicId.Of("webhook", "acme").Version));

    [Fact]
    public void No_two_lists_of_parts_give_the_same_id()
    {
        Guid[] ids =
        [
            DeterministicId.Of("webhook", "a-b", "c"),
            DeterministicId.Of("webhook", "a", "b-c"),
            DeterministicId.Of("webhook", "a", "b", "c"),
            DeterministicId.Of("webhook", "a1:b", "c"),
            DeterministicId.Of("webhook", "a", "1:b", "c"),
            DeterministicId.Of("webhook", "", "a-bc"),
            DeterministicId.Of("webhook", "a-bc", ""),
            DeterministicId.Of("webhook", "c", "a-b"),
            DeterministicId.Of("webhooka", "-b", "c"),
            DeterministicId.Of("webhook-a-b-c"),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
