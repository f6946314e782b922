using System.Text.Json;

namespace Maestro.Bus.Admin.Tests;

/// <summary><c>maestro keys</c>, and where the command line finds its key.</summary>
public sealed class KeyCommandTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_is_made_is_accepted_by_a_host_with_the_printed_settings()
    {
        var made = JsonElement.Parse(
            (await CommandRun.Of(
                null, "keys", "new", "night-shift", "--role", "Operator", "--tenant", "*", "--expires", "1d", "--json")).Succeeded());
        var key = made.GetProperty("key").GetString()!;
        var settings = Flat("", made.GetProperty("settings")).ToDictionary();

        await using var server = await BusServer.Start(typeof(KeyCommandTests).Assembly, settings, Cancellation);
        var run = await CommandRun.Of(server.Client.BaseAddress, "whoami", "--key", key);

        Assert.Matches("^mbk_[A-Za-z0-9_-]{43}\\z", key);
        Assert.Equal("night-shift, operator", run.Succeeded().Trim());
        Assert.DoesNotContain(key, $"{made.GetProperty("settings")}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_printed_once_with_its_settings_as_JSON_and_as_environment_variables()
    {
        var output = (
            await CommandRun.Of(
                null, "keys", "new", "billing", "--role", "client", "--tenant", "acme", "--tenant", "globex", "--expires",
                    "2999-01-01")).Succeeded();

        var lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Single(lines, line => line.StartsWith("mbk_", StringComparison.Ordinal));
        var hash = Assert.Single(lines, line => line.StartsWith("Bus__Access__Keys__billing__Hashes__0=", StringComparison.Ordinal))[^64..];
        Assert.Contains($"\"{hash}\"", output, StringComparison.Ordinal);
        foreach (var expected in new[] { "Role=client", "Tenants__0=acme", "Tenants__1=globex", "Expires=2999-01-01T00:00:00Z" })
            Assert.Contains($"Bus__Access__Keys__billing__{expected}", lines);
        Assert.Contains("Restart the host after you have added, changed or removed a key: it reads its keys at the start only.", lines);
        Assert.NotEqual(
            output, (await CommandRun.Of(
                null, "keys", "new", "billing", "--role", "client", "--tenant", "acme", "--tenant", "globex")).Succeeded());
    }

    [Theory]
    [InlineData("new", "no name")]
    [InlineData("new", "a:b")]
    [InlineData("new", "billing", "--role", "boss")]
    [InlineData("new", "billing", "--tenant", "no tenant")]
    [InlineData("new", "billing", "--expires", "yesterday")]
    [InlineData("new", "billing", "--expires", "2020-01-01")]
    [InlineData("new")]
    public async Task A_wrong_command_line_makes_no_key(params string[] arguments)
    {
        var run = await CommandRun.Of(null, ["keys", .. arguments]);

        Assert.Equal(2, run.ExitCode);
        Assert.DoesNotContain("mbk_", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a__b")]
    [InlineData("a_")]
    public async Task A_name_that_a_host_would_read_as_two_levels_of_an_environment_variable_makes_no_key(string name)
    {
        var run = await CommandRun.Of(null, "keys", "new", name);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            $"'{name}' cannot be used: a host reads two underscores in an environment variable as the end of a name. " +
                "Use dashes, or single underscores between letters and digits, such as night_shift.",
            string.Join(' ', run.Error.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("mbk_", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Single_underscores_within_a_name_make_a_key() =>
        Assert.Contains(
            "Bus__Access__Keys__night_shift_-b__Role=reader",
            (await CommandRun.Of(null, "keys", "new", "night_shift_-b")).Succeeded(), StringComparison.Ordinal);

    [Theory]
    [InlineData("data", "")]
    [InlineData("src/Host/data", "")]
    [InlineData("src/Host/data", "docs/decisions")]
    public async Task The_development_key_is_found_from_the_working_directory_for_a_bus_on_this_machine_only(
        string keyFolder, string workingDirectory)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At(workingDirectory));
        Directory.CreateDirectory(folder.At(keyFolder));
        await File.WriteAllTextAsync(folder.At($"{keyFolder}/development.key"), "mbk_a-key\n", Cancellation);

        Assert.Equal("mbk_a-key", DevelopmentKey.For(new Uri("http://localhost:5080"), folder.At(workingDirectory)));
        Assert.Equal("mbk_a-key", DevelopmentKey.For(new Uri("http://127.0.0.1:5080"), folder.At(workingDirectory)));
        Assert.Null(DevelopmentKey.For(new Uri("https://bus.example.com"), folder.At(workingDirectory)));
        Assert.Null(DevelopmentKey.For(new Uri("http://localhost:5080"), Path.GetTempPath()));
    }

    static IEnumerable<KeyValuePair<string, string?>> Flat(string path, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Flat($"{path}:{member.Name}".TrimStart(':'), member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, index) => Flat($"{path}:{index}", item)),
        _ => [new(path, element.GetString())],
    };
}
