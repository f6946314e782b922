namespace Maestro.Bus.Host.Tests;

/// <summary>A disk of a few megabytes, in memory, that a test fills and enlarges.</summary>
sealed class SmallDisk : IAsyncDisposable
{
    readonly TemporaryFolder _folder = new();

    SmallDisk()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="megabytes">How large it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disk; null where this user may not mount one.</returns>
    public static async Task<SmallDisk?> Mount(int megabytes, CancellationToken cancellationToken)
    {
        var disk = new SmallDisk();
        string[] arguments = ["-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk._folder.Path];
        if (await ServerProcess.Succeeds("mount", arguments, cancellationToken))
            return disk;

        disk._folder.Dispose();
        return null;
    }

    /// <summary>Makes the path of a file on it.</summary>
    public string At(string file) => _folder.At(file);

    /// <summary>Changes its size.</summary>
    public async Task Resize(int megabytes, CancellationToken cancellationToken) => Assert.True(
        await ServerProcess.Succeeds("mount", ["-o", $"remount,size={megabytes}m", _folder.Path], cancellationToken),
        "The disk cannot be enlarged.");

    public async ValueTask DisposeAsync()
    {
        await ServerProcess.Succeeds("umount", ["-l", _folder.Path], CancellationToken.None);
        _folder.Dispose();
    }
}
