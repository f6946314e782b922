using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>Where the databases' files are.</summary>
public sealed class DataFolderTests : IDisposable
{
    readonly TemporaryFolder _root = new();
    readonly LogLines _log = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_database_lies_in_the_folder_unless_its_setting_names_another_place()
    {
        Assert.Equal(_root.At("data/state.db"), Find("data", null));
        Assert.Equal(_root.At("elsewhere/state.db"), Find("elsewhere", null));
        Assert.Equal("/var/lib/bus/state.db", Find("/var/lib/bus", null));
        Assert.Equal(_root.At("own/my.db"), Find("elsewhere", "own/my.db"));
        Assert.Empty(_log.All);
    }

    [Fact]
    public void One_that_lies_where_earlier_versions_kept_it_is_used_and_the_log_says_how_to_move_it()
    {
        Directory.CreateDirectory(_root.At("data"));
        File.WriteAllText(_root.At("data/state.db"), "");

        Assert.Equal(_root.At("data/state.db"), Find("elsewhere", null));
        var line = Assert.Single(_log.Of(LogLevel.Warning));
        Assert.Equal(
            $"The database {_root.At("data/state.db")} lies where earlier versions kept it, and is used. "
            + $"Its place is {_root.At("elsewhere/state.db")} now: to move it, stop all hosts and move it with its files -wal and -shm, or "
            + "set Bus:Database:Path to where it is",
            line);

        Directory.CreateDirectory(_root.At("elsewhere"));
        File.WriteAllText(_root.At("elsewhere/state.db"), "");
        Assert.Equal(_root.At("elsewhere/state.db"), Find("elsewhere", null));
        Assert.Equal(_root.At("data/state.db"), Find("data", null));
        Assert.Single(_log.All);
    }

    [Fact]
    public void A_database_in_the_folder_is_its_users_alone_and_one_elsewhere_stays_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        foreach (var file in new[] { "data/state.db", "data/state.db-wal", "elsewhere/state.db" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_root.At(file))!);
            File.WriteAllText(_root.At(file), "");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(_root.At(file), (UnixFileMode)0b110_100_100);
        }

        Find("data", null);
        Find("data", "elsewhere/state.db");
        DataFolder.CreateDatabase(_root.At("new/state.db"));

        Assert.Equal(
            ["data/state.db 110000000", "data/state.db-wal 110000000", "elsewhere/state.db 110100100", "new/state.db 110000000"],
            Directory.EnumerateFiles(_root.Path, "*", SearchOption.AllDirectories)
                .Select(file => $"{Path.GetRelativePath(_root.Path, file)} {Mode(file)}").Order(StringComparer.Ordinal));
    }

    static string Mode(string file) => OperatingSystem.IsWindows() ? "" : $"{(int)File.GetUnixFileMode(file):b}";

    string Find(string folder, string? path)
    {
        var builder = ValidatedHost.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _root.Path });
        builder.Logging.AddProvider(_log);
        using var host = builder.Build();
        return new DataFolder(new DataSettings { Folder = folder }, host.Services).Database(path, "state.db", "Bus:Database:Path");
    }
}
