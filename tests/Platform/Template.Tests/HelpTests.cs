using System.Text.RegularExpressions;

namespace Maestro.Bus.Template.Tests;

public sealed partial class HelpTests(TemplatePackage package)
{
    [Theory]
    [InlineData("maestro-bus")]
    [InlineData("maestro-domain")]
    [InlineData("maestro-consumer")]
    [InlineData("maestro-job")]
    [InlineData("maestro-saga")]
    [InlineData("maestro-schedule")]
    public async Task The_options_of_a_template_are_as_approved(string template)
    {
        var help = (await package.New(Path.GetTempPath(), template, "--help")).Succeeded();

        Approved.Verify(
            LineEnd().Replace(help[help.IndexOf("Template options:", StringComparison.Ordinal)..], "\n").Trim() + "\n", template);
    }

    [GeneratedRegex("""[ \r]*\n""")]
    private static partial Regex LineEnd();
}
