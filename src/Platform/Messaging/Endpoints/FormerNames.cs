using System.Reflection;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Knows the types that the engine's messages had on the wire while its namespaces began with the bus's name. Hosts of that time may have
/// left such messages in queues and in the outbox.
/// </summary>
/// <param name="bus">The prefix of the bus's own namespaces, such as <c>Acme</c>.</param>
sealed class FormerNames(string bus)
{
    // The engine has had two messages of its own; the others are MassTransit's.
    static readonly string[] Messages = ["Jobs:AddJobs", "Jobs:JobBatchCompleted"];

    readonly byte[] _prefix = Encoding.UTF8.GetBytes($"\"urn:message:{bus}.Jobs:");

    /// <summary>Reads the bus's name, which a host's project file stamps into its assembly.</summary>
    /// <returns>The names, or null if the assembly has none.</returns>
    public static FormerNames? Of(Assembly host) =>
        host.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == "BusName")?.Value is { } bus
            ? new FormerNames(bus)
            : null;

    /// <summary>Tells whether a body in UTF-8 may hold a former name.</summary>
    public bool AreIn(ReadOnlySpan<byte> body) => body.IndexOf(_prefix) >= 0;

    /// <summary>Replaces the former names in a body in UTF-8. Other types of the namespace stay.</summary>
    public byte[] Replace(byte[] body)
    {
        if (!AreIn(body))
            return body;

        var text = new StringBuilder(Encoding.UTF8.GetString(body));
        foreach (var message in Messages)
            text.Replace($"\"urn:message:{bus}.{message}\"", $"\"urn:message:Maestro.Bus.{message}\"");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
