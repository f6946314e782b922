namespace Maestro.Bus.Messaging;

/// <summary>The labels that several metrics have.</summary>
static class Labels
{
    public const string Queue = "queue";
    public const string MessageType = "message_type";
    public const string Outcome = "outcome";
}
