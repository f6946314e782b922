using System.Runtime.CompilerServices;

namespace MaestroBus.Template.Tests;

/// <summary>Compares a text with the approved one beside the test.</summary>
static class Approved
{
    /// <summary>Fails where the text differs from <c>{name}.approved.txt</c>, and leaves it in <c>{name}.received.txt</c> to compare or approve.</summary>
    public static void Verify(string text, string name, [CallerFilePath] string test = "")
    {
        var folder = Path.GetDirectoryName(test)!;
        var approved = Path.Combine(folder, $"{name}.approved.txt");
        var received = Path.Combine(folder, $"{name}.received.txt");

        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail($"{name} is not as approved. Compare {received} with {approved}, and rename it over the approved one if it is right.");
    }
}
