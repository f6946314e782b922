using System.Diagnostics;
using System.Text;

namespace Maestro.Bus.Host.Tests;

/// <summary>How the real host is started as a process: in Development, on its embedded transport, with its files in one folder.</summary>
static class HostCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="folder">Takes the files; another host in the same folder goes on with them.</param>
    /// <param name="address">Where the host listens.</param>
    /// <param name="settings">Further settings as <c>name=value</c>, which win.</param>
    public static ProcessStartInfo Of(TemporaryFolder folder, Uri address, IEnumerable<string> settings) => new(
        "dotnet",
        [
            typeof(Program).Assembly.Location, "--urls", $"{address}", "--environment", "Development", "--Bus:Transport=sqlite",
            $"--Bus:Database:Path={folder.At("state.db")}", $"--Bus:Sqlite:Path={folder.At("bus.db")}",
            $"--Bus:Data:Folder={folder.Path}", $"--Bus:Integration:Addresses:analytics:BaseAddress={address}",
            .. settings.Select(setting => $"--{setting}"),
        ])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
    };
}
