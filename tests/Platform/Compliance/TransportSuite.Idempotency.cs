namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    [Fact]
    public async Task Requests_that_say_the_same_are_handled_once_and_all_get_the_answer()
    {
        const int count = 20;
        var (queue, runs, gate) = (NewQueue(), new Received<int>(), new Gate());
        var policy = new QueuePolicy { Concurrency = 4, Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(20) };
        var host = await Start(new ComplianceDomain(queue, policy).On<Purchase>(async context =>
        {
            await runs.Add(context.Message.Number);
            if (runs.Items.Count == 1)
                throw new InvalidOperationException("The first run fails, and is no run for the others.");

            await gate.Pass();
            await context.RespondAsync(new Reply(context.Message.Number * 100));
        }));
        var client = BusOf(host).CreateRequestClient<Purchase>(Address(queue), Limits.Arrival);

        var answers = Enumerable.Range(0, count).Select(number => client.GetResponse<Reply>(new Purchase(7, $"{number}"), Cancel)).ToList();
        await gate.Holds(1);
        // The repetitions wait in the queue and not in the consumers' slots, so that others are handled meanwhile.
        gate.Open();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(700, answer.Message.Number));
        Assert.Equal(800, (await client.GetResponse<Reply>(new Purchase(8, ""), Cancel)).Message.Number);
        Assert.Equal([7, 7, 8], runs.Items);
    }
}
