namespace Maestro.Bus.Messaging;

/// <summary>
/// What a transport can do that not every transport can. What it cannot do it refuses, or leaves without effect, as each value says.
/// </summary>
[Flags]
public enum TransportCapabilities
{
    /// <summary>Only what every transport can do.</summary>
    None = 0,

    /// <summary>
    /// A message that was sent survives the end of the process, and is delivered again when its consumer dies. Without it, messages end
    /// with the process.
    /// </summary>
    Durable = 1,

    /// <summary>Several processes send to and receive from the same queues. Without it, each process has queues of its own.</summary>
    Shared = 2,

    /// <summary>
    /// A scheduled message can be cancelled. Without it, <see cref="IMessageScheduler"/> refuses to, and a saga ignores the time-outs that
    /// it has cancelled.
    /// </summary>
    CancelScheduled = 4,

    /// <summary>
    /// Of the messages that wait, those of a higher priority come first. Without it, a priority changes nothing about the order.
    /// </summary>
    Priority = 8,
}
