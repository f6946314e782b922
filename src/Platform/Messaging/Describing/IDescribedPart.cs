using System.Text.Json.Nodes;

namespace Maestro.Bus.Messaging;

/// <summary>
/// A part of the host that the command <c>describe</c> shows, such as its schedules. It uses neither broker nor database.
/// </summary>
public interface IDescribedPart
{
    /// <summary>Gets the name of the part's section, in camel case.</summary>
    string Section { get; }

    /// <summary>Describes the part as it is configured, in an order that does not change from one start to the next.</summary>
    JsonNode Describe();
}
