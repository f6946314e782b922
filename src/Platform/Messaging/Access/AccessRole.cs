namespace Maestro.Bus.Messaging;

/// <summary>What a caller of the bus's HTTP endpoints may do.</summary>
[LowerCaseNames]
public enum AccessRole
{
    /// <summary>Starts flows by name and sends notifications, for the tenants that it is given.</summary>
    Client,

    /// <summary>Reads everything of its tenants.</summary>
    Reader,

    /// <summary>Does what clients and readers do, and acts: retry, pause, cancel, start a flow of its own specification.</summary>
    Operator,

    /// <summary>Does what operators do, deletes for good and changes settings.</summary>
    Admin,
}
