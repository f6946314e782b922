namespace Maestro.Bus.Host.Tests;

/// <summary>A host with a file of settings that cannot be loaded: it ends with a sentence, which shows nothing secret.</summary>
public sealed class SettingsFileTests
{
    const string Secret = "true-hunter2";

    const string SyntaxRemedy = "Look there, and just before, for a comma, colon, quotation mark or bracket that is missing or too much.";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "{\n  \"Bus\": {\n    \"Transport\": \"sqlite\",\n    \"Password\": \"true-hunter2\"\n",
        "is not complete JSON: it ends in line 5 before every bracket and quotation mark is closed. Add what is missing.")]
    [InlineData(
        "{\n  \"Bus\": { \"Password\": \"true-hunter2\n  }\n}",
        $"is not valid JSON in line 2, at byte 37 of the line. {SyntaxRemedy}")]
    [InlineData(
        "{\n  \"Bus\": {\n    \"Password\": true-hunter2\n  }\n}",
        $"is not valid JSON in line 3, at byte 21 of the line. {SyntaxRemedy}")]
    [InlineData(
        "{ \"Bus\": { \"Password\": \"true-hunter2\" } }\n{ \"Bus\": {} }",
        $"is not valid JSON in line 2, at byte 1 of the line. {SyntaxRemedy}")]
    [InlineData(
        "{\"Bus\":{\"Transport\":\"sqlite\",\"Transport\":\"true-hunter2\"}}",
        "has the setting Bus:Transport twice, in line 1 and again in line 1. Keep one of them.")]
    [InlineData(
        """
        {
          // What maestro keys new prints was pasted below what was there.
          "Bus": { "Access": { "Keys": { "billing": { "Hashes": [ "true-hunter2", ], "Role": "client" } } } },
          "bus": {
            "access": { "keys": { "billing": {
              "hashes": [
                "true-hunter2"
              ]
            } } }
          }
        }
        """,
        "has the setting bus:access:keys:billing:hashes:0 twice, in line 3 and again in line 7. Keep one of them.")]
    [InlineData(
        "{\n  \"Bus\": {},\n  \"Bus\": \"true-hunter2\"\n}", "has the setting Bus twice, in line 2 and again in line 3. Keep one of them.")]
    [InlineData("[ \"true-hunter2\" ]", "does not hold a JSON object. Put the settings between { and }.")]
    [InlineData(" \n", "is empty. Write {} into it, or leave it out.")]
    [InlineData(
        "{ \"Bus\": { \"\\ud800\": \"true-hunter2\" } }",
        "is not in the format in which the host reads it. Correct the file, or leave it out.")]
    public async Task A_file_of_settings_that_cannot_be_loaded_stops_the_start_with_its_line_and_without_its_text(
        string content, string problem)
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("appsettings.Staging.json");
        await File.WriteAllTextAsync(file, content, Cancellation);

        var (exitCode, output) = await Run(folder.Path);

        Assert.Equal((1, $"The bus cannot start: {file} {problem}"), (exitCode, output));
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_settings_that_the_host_may_not_read_stops_the_start_with_its_path()
    {
        // Nobody may read this file of the kernel, not even root.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file exists on Linux only.");
        using var folder = new TemporaryFolder();
        var file = folder.At("appsettings.Staging.json");
        File.CreateSymbolicLink(file, "/proc/sys/vm/compact_memory");

        var (exitCode, output) = await Run(folder.Path);

        Assert.Equal(
            (1, $"The bus cannot start: Access to the path '{file}' is denied. Make it readable for the host's user."),
            (exitCode, output));
    }

    [Theory]
    [InlineData("more.ini", "Password true-hunter2", "is not in the format in which the host reads it. Correct the file, or leave it out.")]
    [InlineData(
        "more.json", "{ \"a:b\": 1,\n\"A\": { \"B\": 2 } }",
        "has the setting A:B twice, in line 1 and again in line 2. Keep one of them.")]
    [InlineData("more.conf", "{ \"a\": 1 ", "is not complete JSON: it ends in line 1 before every bracket and quotation mark is closed. " +
        "Add what is missing.")]
    public async Task A_file_that_the_program_adds_itself_is_refused_in_the_same_way(string name, string content, string problem)
    {
        using var folder = new TemporaryFolder();
        var file = folder.At(name);
        await File.WriteAllTextAsync(file, content, Cancellation);
        var configuration = new ConfigurationManager();

        var refused = Assert.Throws<InvalidDataException>(() =>
            name.EndsWith(".ini", StringComparison.Ordinal) ? configuration.AddIniFile(file) : configuration.AddJsonFile(file));

        Assert.Equal($"The bus cannot start: {file} {problem}", BusConfigurationException.In(refused)?.Message);
    }

    [Fact]
    public void Other_invalid_data_is_not_taken_for_a_file_of_settings()
    {
        Assert.Null(BusConfigurationException.In(new InvalidDataException("The archive 'a.zip' is broken.", new FormatException())));
        Assert.Null(BusConfigurationException.In(new InvalidDataException("Found invalid data while decoding.", new FormatException())));
        Assert.Null(BusConfigurationException.In(new InvalidDataException("The file '/a.zip' is broken.")));
    }

    static async Task<(int ExitCode, string Output)> Run(string contentRoot)
    {
        await using var process = ServerProcess.Start(
            "The host", "dotnet", [typeof(Program).Assembly.Location, "--contentRoot", contentRoot, "--environment", "Staging"],
            "nothing: it is built with the tests");
        return (await process.Ended(Cancellation), string.Join(Environment.NewLine, process.Lines));
    }
}
