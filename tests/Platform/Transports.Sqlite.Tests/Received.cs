namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>What a handler has got, in order.</summary>
public sealed class Received<T>
{
    readonly Lock _gate = new();
    readonly List<T> _items = [];

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate)
                return [.. _items];
        }
    }

    public void Add(T item)
    {
        lock (_gate)
            _items.Add(item);
    }

    /// <summary>Waits until there are so many.</summary>
    public async Task<IReadOnlyList<T>> AtLeast(int count)
    {
        try
        {
            await Eventually.True(() => Task.FromResult(Items.Count >= count), TimeSpan.FromSeconds(60), $"{count} messages",
                TestContext.Current.CancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} There are {Items.Count}.", exception);
        }

        return Items;
    }
}
