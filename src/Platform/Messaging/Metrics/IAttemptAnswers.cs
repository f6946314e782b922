namespace Maestro.Bus.Messaging;

/// <summary>
/// Takes what is known of a message while it is being handled: whether its consumers were run, or had been before. A payload of the
/// message.
/// </summary>
public interface IAttemptAnswers
{
    /// <summary>A consumer was run, or was not.</summary>
    /// <param name="isNew">Whether the message had not been handled before.</param>
    void Answered(bool isNew);
}
