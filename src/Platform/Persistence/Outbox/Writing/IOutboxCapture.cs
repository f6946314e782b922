namespace Maestro.Bus.Persistence;

/// <summary>Takes a message that the current transaction writes.</summary>
interface IOutboxCapture
{
    void Capture(WaitingMessage message);
}
