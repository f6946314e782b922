namespace Maestro.Bus.Admin.Tests;

/// <summary>What is promised of dead letters on every transport and database.</summary>
public abstract partial class DeadLetterSuite<TPlace>(TPlace place) : IClassFixture<TPlace>
    where TPlace : DeadLetterPlace
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_messages_that_fail_in_three_ways_make_three_groups_and_one_command_retries_one_of_them_once()
    {
        await using var server = await PoisonServer.Start(await place.Settings());
        string[] kinds = ["timeout", "wrapped", "odd"];
        await server.Send(Enumerable.Range(0, 1000).Select(number => new Poison(kinds[number % 3], number)));
        await server.UntilWaiting(1000);

        var groups = await server.Json<List<DeadLetterGroupView>>("dlq", "groups");
        Assert.Equal([334, 333, 333], groups.Select(group => group.Count));
        Assert.Equal(
            ["System.FormatException", "System.InvalidOperationException", "System.TimeoutException"],
            groups.Select(group => group.ExceptionType).Order());
        Assert.All(groups, group => Assert.StartsWith("Maestro.Bus.Admin.Chaos.PoisonConsumer.", group.Place, StringComparison.Ordinal));
        Assert.All(groups, group => Assert.EndsWith("Chaos:Poison", group.MessageType, StringComparison.Ordinal));

        server.Remedies.Are("timeout");
        var timeouts = groups.Single(group => group.ExceptionType == "System.TimeoutException");
        var operation = await server.Json<OperationView>("dlq", "retry", "--group", timeouts.Fingerprint);

        Assert.Equal(("done", 334L, 334L), (operation.State, operation.Total, operation.Done));
        Assert.Equal(Enumerable.Range(0, 1000).Where(number => number % 3 == 0), (await server.Effects("timeout", 334)).Order());
        Assert.Equal(666, await server.Store.Count(new DeadLetterFilter { State = DeadLetterState.Waiting }, Cancellation));
        Assert.Equal(2, (await server.Json<List<DeadLetterGroupView>>("dlq", "groups")).Count);

        // What has been retried already is not sent a second time.
        Assert.Equal(0, (await server.Json<OperationView>("dlq", "retry", "--group", timeouts.Fingerprint)).Total);
        Assert.Equal(334, (await server.Effects("timeout", 334)).Count);
    }

    [Fact]
    public async Task Two_retries_of_the_same_ones_at_once_send_each_of_them_once()
    {
        const int count = 300;
        await using var server = await PoisonServer.Start(await place.Settings());
        await server.Send(Enumerable.Range(0, count).Select(number => new Poison("odd", number)));
        await server.UntilWaiting(count);
        server.Remedies.Are("odd");

        var operations = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => server.Json<OperationView>("dlq", "retry", "--all")));

        Assert.All(operations, operation => Assert.Equal("done", operation.State));
        Assert.Equal(count, operations.Sum(operation => operation.Done));
        Assert.Equal(Enumerable.Range(0, count), (await server.Effects("odd", count)).Order());
        Assert.Equal(0, await server.Store.Count(new DeadLetterFilter { State = DeadLetterState.Waiting }, Cancellation));
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_refused_with_what_would_be_right()
    {
        await using var server = await PoisonServer.Start(await place.Settings());
        await server.Send([new Poison("odd", 1)]);
        await server.UntilWaiting(1);
        var id = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items).Id;
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"{{\"text\":\"{new string('x', 40 << 20)}\"}}", Cancellation);

        await Refuses(2, "The reason is 'nonsense'. Use fault, unreadable,", "dlq", "retry", "--reason", "nonsense");
        await Refuses(2, "The state is 'nonsense'. Use waiting,", "dlq", "list", "--state", "nonsense");
        await Refuses(2, "There is no queue 'posion', and no dead letter of one. This host has poison", "dlq", "list", "--queue", "posion");
        await Refuses(2, "There is no queue 'posion'", "dlq", "retry", "--queue", "posion");
        await Refuses(2, "The tenant is 'a/b'. Use 1 to 64", "dlq", "groups", "--tenant", "a/b");
        await Refuses(2, "The fingerprint is 'xyz'. Use 12 hexadecimal digits", "dlq", "report", "--group", "xyz");
        await Refuses(2, "which is not before", "dlq", "export", "--from", "1h", "--before", "2h");
        await Refuses(2, "--from is 'tomorrow', which is no time.", "dlq", "list", "--from", "tomorrow");
        await Refuses(2, "The limit is 100000. Use a whole number from 1 to 1000.", "dlq", "list", "--limit", "100000");
        foreach (var action in (string[])["retry", "discard", "restore"])
            await Refuses(2, "It is not said which dead letters are meant.", "dlq", action);
        await Refuses(2, "It is not said which dead letters are meant.", "dlq", "redirect", "--to", "poison");
        await Refuses(1, "There is no dead letter 99999.", "dlq", "discard", "99999");
        await Refuses(1, "larger than the bus takes", "dlq", "edit", $"{id}", "--message", $"@{file}");
        await Refuses(2, "The message is no JSON.", "dlq", "edit", $"{id}", "--message", "{");
        await Refuses(
            2, "The header tenant-id is given twice.", "dlq", "edit", $"{id}", "--header", "Tenant-Id=a", "--header", "tenant-id=b");
        await Refuses(2, "as a whole number", "dlq", "show", "seventeen");
        await Refuses(2, "as an id such as", "dlq", "list", "--message-id", "seventeen");
        File.Delete(file);

        // One that is not there is no reason to leave out the others.
        server.Remedies.Are("odd");
        var run = await server.Run("dlq", "retry", "99999", $"{id}");
        Assert.Equal((1, $"Done: retry {id}.{Environment.NewLine}"), (run.ExitCode, run.Out));
        Assert.Equal([1], await server.Effects("odd", 1));

        async Task Refuses(int exitCode, string sentence, params string[] arguments)
        {
            var refused = await server.Run(arguments);
            Assert.Equal(exitCode, refused.ExitCode);
            Assert.Contains(sentence, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_dead_letter_keeps_everything_and_goes_back_without_what_tells_of_its_failure()
    {
        await using var server = await PoisonServer.Start(await place.Settings());
        var id = NewId.NextGuid();
        await server.Send([new Poison("wrapped", 7, "Grüße 世界")], context =>
        {
            context.MessageId = id;
            context.SetTenantId("acme");
            context.Headers.Set("origin", "here");
        });
        await server.UntilWaiting(1);

        var listed = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        var shown = await server.Json<DeadLetterDetails>("dlq", "show", $"{listed.Id}");

        Assert.Equal((id, "poison", "fault", "acme", 1, "waiting"),
            (listed.MessageId, listed.Queue, listed.Reason, listed.Tenant, listed.Attempts, listed.State));
        Assert.Equal("The number 7 has no form.", listed.ExceptionMessage);
        Assert.NotNull(listed.FirstFailedAt);
        Assert.Equal("here", shown.Headers["origin"]);
        Assert.Equal("json", shown.BodyFormat);
        Assert.Contains("Grüße 世界", shown.Body, StringComparison.Ordinal);
        Assert.Contains("It is worse than it looks.", shown.Detail, StringComparison.Ordinal);
        Assert.Contains("PoisonConsumer.Wrap", shown.Detail, StringComparison.Ordinal);

        // It fails once more: it is a new dead letter of the same message, tried once.
        (await server.Run("dlq", "retry", $"{listed.Id}")).Succeeded();
        await server.UntilWaiting(1);
        await Eventually.True(
            async () => (await server.Json<DeadLetterPage>("dlq", "list")).Items is [{ } again] && again.Id != listed.Id,
            TimeSpan.FromSeconds(60), "another dead letter", Cancellation);
        var second = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        Assert.Equal((id, 1, "acme"), (second.MessageId, second.Attempts, second.Tenant));
        Assert.Equal("retried", (await server.Json<DeadLetterDetails>("dlq", "show", $"{listed.Id}")).Letter.State);

        server.Remedies.Are("wrapped");
        (await server.Run("dlq", "retry", $"{second.Id}")).Succeeded();
        await server.Effects("wrapped", 1);
        Assert.Equal("Grüße 世界", Assert.Single(await server.Query("wrapped")).Text);
    }

    [Fact]
    public async Task An_edited_copy_has_an_id_of_its_own_and_the_original_stays()
    {
        await using var server = await PoisonServer.Start(await place.Settings());
        var id = NewId.NextGuid();
        await server.Send([new Poison("odd", 1, "wrong")], context => context.MessageId = id);
        await server.UntilWaiting(1);
        var listed = Assert.Single((await server.Json<DeadLetterPage>("dlq", "list")).Items);
        server.Remedies.Are("right");

        var copy = await server.Json<EditedView>(
            "dlq", "edit", $"{listed.Id}", "--message", """{"kind":"right","number":2,"text":"edited"}""", "--header", "origin=edited");

        await server.Effects("right", 1);
        var effect = Assert.Single(await server.Query("right"));
        Assert.Equal((2, "edited"), (effect.Number, effect.Text));
        Assert.NotEqual(id, copy.MessageId);
        var original = await server.Json<DeadLetterDetails>("dlq", "show", $"{listed.Id}");
        Assert.Equal(("edited", $"{copy.MessageId}", id), (original.Letter.State, original.Letter.Note, original.Letter.MessageId));
        Assert.Contains("wrong", original.Body, StringComparison.Ordinal);
        Assert.Equal(1, (await server.Run("dlq", "retry", $"{listed.Id}")).ExitCode);
    }

    [Fact]
    public async Task What_nobody_handles_what_has_expired_and_what_cannot_be_read_is_kept_with_a_reason()
    {
        var settings = await place.Settings();
        await using var server = await PoisonServer.Start(settings);
        var endpoint = await server.Bus.GetSendEndpoint(new Uri("queue:poison"));
        await endpoint.Send(new Stranger("unknown"), Cancellation);
        await endpoint.Send(
            new Poison("odd", 1), Pipe.Execute<SendContext<Poison>>(context => context.TimeToLive = TimeSpan.FromTicks(1)), Cancellation);
        await place.SendBytes(server.Bus, settings, "poison", [[0xFF, 0x00, 0xFE], "{ \"message\": "u8.ToArray()]);
        await server.Send([new Poison("invalid", 2)]);
        await server.UntilWaiting(5);

        var letters = (await server.Json<DeadLetterPage>("dlq", "list")).Items;

        Assert.Equal(["dead-letter", "expired", "invalid", "unreadable", "unreadable"], letters.Select(letter => letter.Reason).Order());
        Assert.EndsWith("Stranger", letters.Single(letter => letter.Reason == "dead-letter").MessageType, StringComparison.Ordinal);
        Assert.All(letters, letter => Assert.NotNull(letter.ExceptionMessage));
        var bytes = (await Task.WhenAll(letters.Where(letter => letter.Reason == "unreadable")
            .Select(letter => server.Json<DeadLetterDetails>("dlq", "show", $"{letter.Id}")))).Single(letter => letter.BodyFormat == "hex");
        Assert.StartsWith("00000000  ff 00 fe", bytes.Body, StringComparison.Ordinal);

        // What has expired is not over again when somebody wants it after all.
        server.Remedies.Are("odd");
        (await server.Run("dlq", "retry", "--reason", "expired")).Succeeded();
        Assert.Equal([1], await server.Effects("odd", 1));
    }

    [Fact]
    public async Task Dead_letters_are_discarded_restored_redirected_exported_and_purged()
    {
        // An export of one dead letter at a time.
        await using var server = await PoisonServer.Start([.. await place.Settings(), new("Bus:Http:MaxExportSize", "1024")]);
        await server.Send(Enumerable.Range(0, 6).Select(number => new Poison("odd", number)));
        await server.UntilWaiting(6);
        var ids = (await server.Json<DeadLetterPage>("dlq", "list")).Items.Select(letter => letter.Id).Order().ToList();

        using var client = new HttpClient { BaseAddress = server.Address };
        var cut = (await client.GetStringAsync($"admin/dead-letters/export?after={ids[1]}", Cancellation))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, cut.Length);
        Assert.Equal(ids[2], System.Text.Json.JsonElement.Parse(cut[0]).GetProperty("letter").GetProperty("id").GetInt64());
        Assert.Equal($"{{\"cut\":true,\"next\":{ids[2]}}}", cut[1]);

        (await server.Run("dlq", "discard", $"{ids[0]}", $"{ids[1]}")).Succeeded();
        Assert.Equal(2, (await server.Json<DeadLetterPage>("dlq", "list", "--state", "discarded")).Items.Count);
        (await server.Run("dlq", "restore", $"{ids[1]}")).Succeeded();
        Assert.Equal(5, (await server.Json<DeadLetterPage>("dlq", "list")).Items.Count);

        var lines = (await server.Run("dlq", "export", "--state", "any")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.NotEmpty(System.Text.Json.JsonElement.Parse(line).GetProperty("bodyBase64").GetBytesFromBase64()));

        var refused = await server.Run("dlq", "redirect", $"{ids[2]}", "--to", "elsewhere");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("This host has no queue 'elsewhere'.", refused.Error, StringComparison.Ordinal);
        (await server.Run("dlq", "redirect", $"{ids[2]}", "--to", "elsewhere", "--create")).Succeeded();
        Assert.Equal("elsewhere", Assert.Single((await server.Json<DeadLetterPage>("dlq", "list", "--state", "redirected")).Items).Note);

        Assert.Equal(0, (await server.Json<OperationView>("dlq", "purge", "--older-than", "1h", "--yes")).Total);
        var report = await server.Json<List<DeadLetterCountView>>("dlq", "report", "--by", "day");
        Assert.Equal(6, report.Sum(count => count.Count));

        var unasked = await server.Run("dlq", "purge", "--older-than", "0s");
        Assert.Equal(2, unasked.ExitCode);
        Assert.Contains("This would delete 6 dead letters of 1 groups", unasked.Error, StringComparison.Ordinal);
        var no = await CommandRun.Answering("n", server.Address, "dlq", "purge", "--older-than", "0s");
        Assert.Equal((1, "Nothing is deleted."), (no.ExitCode, no.Error.Trim().Split("[y/N] ")[1]));
        Assert.Equal(6, await server.Store.Count(new DeadLetterFilter(), Cancellation));
        Assert.Contains("6 of 6", (await CommandRun.Answering("yes", server.Address, "dlq", "purge", "--older-than", "0s")).Succeeded(),
            StringComparison.Ordinal);
        Assert.Equal(0, await server.Store.Count(new DeadLetterFilter(), Cancellation));
    }
}

/// <summary>Nobody handles it.</summary>
public sealed record Stranger(string Name);

public sealed class MemoryDeadLetterTests(MemoryPlace place) : DeadLetterSuite<MemoryPlace>(place);

public sealed class SqliteDeadLetterTests(SqlitePlace place) : DeadLetterSuite<SqlitePlace>(place);

public sealed class ServersDeadLetterTests(ServersPlace place) : DeadLetterSuite<ServersPlace>(place);
