namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>
/// SQLite is told that the disk has room for so many pages, and reports a full disk beyond them. With TMPDIR on a file system of 4 MB the
/// disk is really full.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    readonly TestFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_full_disk_fails_what_is_sent_loses_nothing_and_goes_on_when_there_is_room_again()
    {
        using var broker = _file.Open(new SqliteSettings { DiskPages = 400 });
        await broker.DeclareQueue("inbox", null, null);
        var other = Path.Combine(_file.Directory, "other");
        await File.WriteAllBytesAsync(other, new byte[1_500_000], TestContext.Current.CancellationToken);
        var confirmed = new List<int>();

        var exception = await Assert.ThrowsAsync<SqliteTransportException>(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                await broker.Send("inbox", Message(i), null, TestContext.Current.CancellationToken);
                confirmed.Add(i);
            }
        });

        Assert.StartsWith($"The bus cannot use its file {_file.Path}. The disk is full. Free some space: the bus goes on by itself.",
            exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(confirmed);
        File.Delete(other);

        Assert.Equal(confirmed, await Drain(broker, confirmed.Count));
        await Eventually.True(
            () => Task.FromResult(broker.Failure is null), TimeSpan.FromSeconds(60), "the end of the failure",
            TestContext.Current.CancellationToken);
        await broker.Send("inbox", Message(20_000), null, TestContext.Current.CancellationToken);
    }

    static Message Message(int number) => new()
    {
        TransportMessageId = NewId.NextGuid(),
        Priority = 100,
        BinaryBody = [.. BitConverter.GetBytes(number), .. new byte[5000]],
    };

    static async Task<List<int>> Drain(SqliteBroker broker, int count)
    {
        var numbers = new List<int>();
        // A full disk may refuse the receiver at first, as it refuses everything.
        var receiver = await Eventually.Some(
            async () => await Receive(broker), TimeSpan.FromSeconds(60), "a receiver", TestContext.Current.CancellationToken);

        while (numbers.Count < count)
        {
            foreach (var message in broker.Take(receiver, 100))
            {
                numbers.Add(BitConverter.ToInt32(message.BinaryBody!));
                Assert.True(broker.Complete(receiver, message.LockId!.Value, message.MessageDeliveryId));
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            if (numbers.Count < count)
                await receiver.Wait(limit.Token);
            limit.Token.ThrowIfCancellationRequested();
        }

        return numbers;
    }

    static async Task<Receiver?> Receive(SqliteBroker broker)
    {
        try
        {
            return await broker.Receive("inbox", new ReceiveLimits(10, 10), SqlReceiveMode.Normal, 1, TimeSpan.FromMinutes(1));
        }
        catch (SqliteTransportException)
        {
            // Not yet.
            return null;
        }
    }
}
