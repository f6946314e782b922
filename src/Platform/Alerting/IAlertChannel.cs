namespace Maestro.Bus.Alerting;

/// <summary>A way to tell people of alerts. Register more of them as services.</summary>
public interface IAlertChannel
{
    /// <summary>What the log calls it.</summary>
    string Name { get; }

    /// <summary>Sends an alert; throws where nobody has taken it.</summary>
    Task Send(Alert alert, CancellationToken cancellationToken);
}
