using System.Diagnostics;

namespace Maestro.Bus.Repository.Tests;

/// <summary>How <c>build/test</c> counts what the projects' tests have written.</summary>
public sealed class TestCountTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("bus-tests-").FullName;

    string Logs => Directory.CreateDirectory(Path.Combine(_folder, "logs")).FullName;

    string Shared => Path.Combine(_folder, "shared");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_tests_of_all_projects_are_added_up()
    {
        await Ended("One.Tests", 0, Summary(succeeded: 3));
        await Ended("Other.Tests", 0, Summary(succeeded: 4, skipped: 2));

        Assert.Equal((0, "7 passed, 0 failed, 2 skipped"), await Total());
    }

    [Fact]
    public async Task A_test_that_fails_is_a_failure()
    {
        await Ended("One.Tests", 0, Summary(succeeded: 3));
        await Ended("Other.Tests", 2, Summary(succeeded: 4, failed: 2));

        Assert.Equal((1, "7 passed, 2 failed, 0 skipped"), await Total());
    }

    [Fact]
    public async Task A_skipped_test_is_a_failure_only_beside_the_servers_that_it_needs()
    {
        await Ended("One.Tests", 0, Summary(succeeded: 3, skipped: 1));

        Assert.Equal((0, "3 passed, 0 failed, 1 skipped"), await Total());
        Directory.CreateDirectory(Shared);
        var (code, output) = await Total();

        Assert.Equal(1, code);
        Assert.StartsWith("1 tests were skipped although ../shared has what they need", output, StringComparison.Ordinal);
        Assert.EndsWith("\n3 passed, 0 failed, 1 skipped", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("", 134)]
    [InlineData("Unhandled exception. System.InvalidOperationException: Gone.\n", 134)]
    public async Task A_project_that_ends_without_a_result_is_a_failure(string output, int code)
    {
        await Ended("One.Tests", 0, Summary(succeeded: 3));
        await Ended("Other.Tests", code, output);

        Assert.Equal((1, "3 passed, 1 failed, 0 skipped"), await Total());
        Assert.Contains("(Other.Tests ended without a result)", await File.ReadAllTextAsync(
            Path.Combine(Logs, "Other.Tests.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_crashes_after_its_tests_have_passed_is_a_failure()
    {
        await Ended("One.Tests", 139, Summary(succeeded: 3));

        Assert.Equal((1, "3 passed, 1 failed, 0 skipped"), await Total());
    }

    [Fact]
    public async Task What_tests_write_themselves_is_not_counted()
    {
        await Ended("One.Tests", 0, Summary(succeeded: 3));
        await Ended("Other.Tests", 0, $"  succeeded: 50\n  failed: 50\n  skipped: 50\n{Summary(succeeded: 4)}");

        Assert.Equal((0, "7 passed, 0 failed, 0 skipped"), await Total());
    }

    [Fact]
    public async Task No_test_at_all_is_a_failure()
    {
        Assert.Equal((1, "0 passed, 0 failed, 0 skipped"), await Total());
        await Ended("One.Tests", 0, Summary());

        Assert.Equal((1, "0 passed, 0 failed, 0 skipped"), await Total());
    }

    static string Summary(int succeeded = 0, int failed = 0, int skipped = 0) =>
        $"""
        Test run summary: {(failed > 0 ? "Failed!" : "Passed!")}
          total: {succeeded + failed + skipped}
          failed: {failed}
          succeeded: {succeeded}
          skipped: {skipped}
          duration: 1s 203ms

        """;

    async Task Ended(string project, int code, string output)
    {
        var log = Path.Combine(Logs, $"{project}.log");
        await File.WriteAllTextAsync(log, output, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), await Count("conclude", project, log, $"{code}"));
    }

    Task<(int Code, string Output)> Total() => Count("total", Logs, Shared);

    static async Task<(int Code, string Output)> Count(params IEnumerable<string> command)
    {
        var start = new ProcessStartInfo("bash", ["-c", ". build/count.sh; \"$@\"", "count", .. command])
        {
            WorkingDirectory = Solution.Root,
            RedirectStandardOutput = true,
        };
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (bash.ExitCode, output.Trim());
    }
}
