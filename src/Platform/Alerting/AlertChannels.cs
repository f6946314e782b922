namespace Maestro.Bus.Alerting;

/// <summary>All the ways in which people are told.</summary>
sealed partial class AlertChannels(IEnumerable<IAlertChannel> channels, ILogger<AlertChannels> logger)
{
    readonly IAlertChannel[] _channels = [.. channels];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _channels.Length == 0;

    /// <summary>Sends an alert by each channel.</summary>
    /// <returns>Whether one of them has it: a second alert because of another that is down would be noise.</returns>
    public async Task<bool> Send(Alert alert, CancellationToken cancellationToken)
    {
        var sent = await Task.WhenAll(_channels.Select(channel => Send(channel, alert, cancellationToken)));
        return sent.Contains(true);
    }

    async Task<bool> Send(IAlertChannel channel, Alert alert, CancellationToken cancellationToken)
    {
        try
        {
            await channel.Send(alert, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Another channel may have it; if none has, whoever asked tries again later.
            NotSent(exception, channel.Name, alert.Title);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The alert '{Title}' could not be sent by {Channel}")]
    partial void NotSent(Exception exception, string channel, string title);
}
