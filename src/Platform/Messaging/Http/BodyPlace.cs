namespace Maestro.Bus.Messaging;

/// <summary>
/// What one request's body has taken of the <see cref="BodyRoom"/>; a feature of the request. It is given back when it is disposed.
/// </summary>
sealed class BodyPlace(BodyRoom room, bool isKnown) : IDisposable
{
    /// <summary>Whether the caller has an identity.</summary>
    public bool IsKnown => isKnown;

    /// <summary>The bytes that are taken.</summary>
    public long Size { get; set; }

    /// <summary>Takes room up to a size, waiting if there is none.</summary>
    /// <returns>Whether there was room in time.</returns>
    public ValueTask<bool> Extend(long size, CancellationToken cancellationToken) => room.Extend(this, size, cancellationToken);

    /// <summary>Gives back what is taken.</summary>
    public void Dispose() => room.Leave(this);
}
