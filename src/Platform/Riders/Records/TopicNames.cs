using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Riders;

/// <summary>The names that belong to a topic.</summary>
public static class TopicNames
{
    /// <summary>The topic of what has failed for good.</summary>
    public static string DeadLetters(string topic) => $"{topic}-dlq";

    /// <summary>
    /// The topic of what a group is to try again. Each retry has a topic of its own, so that a short delay does not wait for a long one.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group.</param>
    /// <param name="retry">1 for the first retry, 2 for the second, …</param>
    public static string Retry(string topic, string group, int retry) => $"{topic}-{group}-retry-{retry}";

    /// <summary>What stands for a pattern in the names of topics: others have other names.</summary>
    internal static string OfPattern(string pattern) =>
        $"pattern-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pattern)).AsSpan(0, 4))}";

    /// <summary>The address of a topic.</summary>
    public static Uri Address(string scheme, string topic) => new($"{scheme}://{Host}/{topic}");

    /// <summary>The topic of an address.</summary>
    public static string Of(Uri address) => Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/'));

    internal const string Host = "topics";

    /// <summary>The address of a group's work on a topic.</summary>
    public static Uri Address(string scheme, string topic, string group) => new($"{scheme}://{Host}/{Uri.EscapeDataString(topic)}@{group}");
}
