using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Host.Tests;

/// <summary>The real process while callers hold more connections than it has files for.</summary>
public sealed class ConnectionTests
{
    const int Spare = 30;
    const int HalfOpen = 60;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_beyond_the_files_are_refused_and_the_process_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "prlimit is a program of Linux.");
        await using var host = new HostProcess();
        List<TcpClient> callers = [];

        try
        {
            await host.Ready();
            await Settled(host);
            Assert.True(await ServerProcess.Succeeds("prlimit", ["--pid", $"{host.Id}", $"--nofile={Files(host) + Spare}"], Cancellation));

            for (var i = 0; i < HalfOpen; i++)
                callers.Add(await Begin(host.Address.Port));

            Assert.InRange(await Open(callers), 1, Spare);
            Assert.False(host.HasExited);
            callers.ForEach(caller => caller.Dispose());
            await host.Ready();
        }
        finally
        {
            callers.ForEach(caller => caller.Dispose());
        }

        await Eventually.True(
            () => Task.FromResult(host.Output.Contains("are refused", StringComparison.Ordinal)), Limit, "a line that tells of it",
            Cancellation);
    }

    static async Task<TcpClient> Begin(int port)
    {
        var client = new TcpClient();

        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Cancellation);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // It has been refused before it could write.
        }

        return client;
    }

    // Those that were refused are reset, sooner or later.
    static async Task<int> Open(List<TcpClient> callers)
    {
        var open = 0;
        await Eventually.True(() => Task.FromResult((open = Count()) <= Spare), Limit, "connections to be refused", Cancellation);
        return open;

        int Count() => callers.Count(caller =>
        {
            try
            {
                return caller.Client.Connected && !(caller.Client.Poll(0, SelectMode.SelectRead) && caller.Client.Available == 0);
            }
            catch (SocketException)
            {
                return false;
            }
        });
    }

    // A start goes on opening files for a moment.
    static async Task Settled(HostProcess host)
    {
        var (last, same) = (0, 0);
        await Eventually.True(
            () =>
            {
                var files = Files(host);
                same = files == last ? same + 1 : 0;
                last = files;
                return Task.FromResult(same == 50);
            },
            Limit, "the host to open no more files", Cancellation);
    }

    static int Files(HostProcess host) => Directory.GetFileSystemEntries($"/proc/{host.Id}/fd").Length;
}
