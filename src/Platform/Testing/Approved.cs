using System.Runtime.CompilerServices;

namespace Maestro.Bus.Testing;

/// <summary>Compares a text with the approved one beside the test.</summary>
public static class Approved
{
    /// <summary>
    /// Compares a text with <c>{name}.approved.txt</c>. If it differs, it is left in <c>{name}.received.txt</c> to compare or approve.
    /// </summary>
    /// <exception cref="InvalidOperationException">It differs.</exception>
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
        throw new InvalidOperationException(
            $"{name} is not as approved. Compare {received} with {approved}, and rename it over the approved one if it is right.");
    }
}
