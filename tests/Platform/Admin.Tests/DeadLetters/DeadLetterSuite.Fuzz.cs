namespace Maestro.Bus.Admin.Tests;

public abstract partial class DeadLetterSuite<TPlace>
{
    static readonly int Bodies = LongSuite.Size(400, full: 10_000);

    [Fact]
    public async Task Whatever_bytes_come_are_kept_with_a_reason_and_healthy_messages_keep_flowing()
    {
        const int healthy = 100;
        var settings = await place.Settings();
        await using var server = await PoisonServer.Start(settings);
        server.Remedies.Are("healthy");

        // Kinds that fail are part of it: a body that is a message by chance fails in the consumer.
        var fuzz = FuzzedBodies.Make(Bodies, seed: 20261124, largeEvery: Math.Max(200, Bodies / 20)).ToList();
        var sending = place.SendBytes(server.Bus, settings, PoisonServer.Queue, fuzz);
        await server.Send(Enumerable.Range(0, healthy).Select(number => new Poison("healthy", number)));
        await sending;

        Assert.Equal(
            Enumerable.Range(0, healthy), (await server.Effects("healthy", healthy, TimeSpan.FromSeconds(60 + (Bodies / 20)))).Order());
        await server.UntilWaiting(fuzz.Count, TimeSpan.FromSeconds(180 + (Bodies / 20)));
        var groups = await server.Json<List<DeadLetterGroupView>>("dlq", "groups");
        Assert.Equal(fuzz.Count, groups.Sum(group => group.Count));
        Assert.All(groups, group => Assert.NotEmpty(group.Reason));
        Assert.All(groups, group => Assert.NotEqual("", group.ExceptionMessage));

        // Byte for byte: transports that deliver in order have them in the order of sending, others in any.
        var kept = new List<string>();
        await foreach (var letter in server.Store.Read(new DeadLetterFilter(), 0, Cancellation))
            kept.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(letter.Body)));
        Assert.Equal(fuzz.Select(body => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body))).Order(), kept.Order());

        await server.Send([new Poison("healthy", healthy)]);
        await server.Effects("healthy", healthy + 1);
    }
}
