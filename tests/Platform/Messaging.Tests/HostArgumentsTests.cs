namespace Maestro.Bus.Messaging.Tests;

public sealed class HostArgumentsTests
{
    static string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetTempPath());

    [Theory]
    [InlineData("")]
    [InlineData("--urls http://localhost:1", null)]
    [InlineData("--urls=http://localhost:1", null)]
    [InlineData("/urls http://localhost:1", null)]
    [InlineData("urls=http://localhost:1", null)]
    [InlineData("migrate", "migrate")]
    [InlineData("--contentRoot . migrate", "migrate")]
    [InlineData("migrate --Bus:Transport memory", "migrate")]
    [InlineData("--Bus:Transport=memory migrate --urls http://localhost:1", "migrate")]
    public void The_command_is_found_in_any_position(string arguments, string? command = null) =>
        Assert.Equal(command, HostArguments.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Command);

    [Theory]
    [InlineData("--contentRoot", "{0}")]
    [InlineData("--ContentRoot={0}")]
    [InlineData("contentRoot={0}")]
    public void The_content_root_is_the_folder_that_is_named(params string[] arguments) =>
        Assert.Equal(Folder, Path.TrimEndingDirectorySeparator(
            HostArguments.Parse([.. arguments.Select(argument => string.Format(null, argument, Folder))]).ContentRoot!));

    [Theory]
    [InlineData("There are two commands, 'migrate' and 'describe'. Give one, or none to run the bus.", "migrate", "describe")]
    [InlineData("The argument '--urls' has no value. Write --urls VALUE or --urls=VALUE.", "--urls")]
    [InlineData("'-v' is not an argument of this host. Settings begin with two dashes, such as --Bus:Transport sqlite.", "-v")]
    [InlineData(
        "The content root 'no-such-folder' does not exist. Name the folder that holds appsettings.json, or leave --contentRoot out.",
        "--contentRoot", "no-such-folder")]
    public void Wrong_arguments_are_refused_with_what_would_be_right(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<BusConfigurationException>(() => HostArguments.Parse(arguments)).Message);
}
