namespace Maestro.Bus.Repository.Tests;

public sealed class ServerProcessTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_server_that_is_missing_skips_the_test_and_names_the_command_that_installs_it()
    {
        var message = "";
        try
        {
            ServerProcess.Start("The broker", "no-such-program", [], "apt-get install -y broker");
        }
        catch (ServerException exception)
        {
            // Assert.Throws would let it pass, and skip this test.
            message = exception.Message;
        }

        Assert.Equal("$XunitDynamicSkip$The broker is not installed. Run: apt-get install -y broker", message);
    }

    [Fact]
    public async Task A_server_that_ends_too_early_shows_what_it_wrote()
    {
        await using var server = ServerProcess.Start("The broker", "sh", ["-c", "echo no port; echo left >&2; exit 3"], "");

        var exception = await Assert.ThrowsAsync<ServerException>(() =>
            server.Ready(_ => Task.FromResult(false), TimeSpan.FromSeconds(60), Token));

        Assert.StartsWith("The broker ended with exit code 3 before it was ready. Its newest output:", exception.Message);
        Assert.Contains("no port", exception.Message);
        Assert.Contains("left", exception.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_ready_in_time_says_so()
    {
        await using var server = ServerProcess.Start("The broker", "sh", ["-c", "sleep 600"], "");

        var exception = await Assert.ThrowsAsync<ServerException>(() =>
            server.Ready(_ => Task.FromResult(false), TimeSpan.FromMilliseconds(200), Token));

        Assert.StartsWith("The broker was not ready within 0.2 s.", exception.Message);
    }

    [Fact]
    public async Task A_server_is_gone_with_all_that_it_has_started()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("child");
        var server = ServerProcess.Start("The broker", "sh", ["-c", $"sleep 600 & echo $! > {file}.new; mv {file}.new {file}; wait"], "");
        await server.Ready(_ => Task.FromResult(File.Exists(file)), TimeSpan.FromSeconds(60), Token);
        using var child = System.Diagnostics.Process.GetProcessById(
            int.Parse(await File.ReadAllTextAsync(file, Token), System.Globalization.CultureInfo.InvariantCulture));

        await server.DisposeAsync();

        await child.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.True(child.HasExited);
    }
}
