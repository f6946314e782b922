namespace Maestro.Bus.Compliance;

/// <summary>What consumers have got, in order.</summary>
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

    public Task Add(T item)
    {
        lock (_gate)
            _items.Add(item);

        return Task.CompletedTask;
    }

    /// <summary>Waits until there are so many.</summary>
    public async Task<IReadOnlyList<T>> AtLeast(int count)
    {
        try
        {
            await Eventually.True(
                () => Task.FromResult(Items.Count >= count), Limits.Arrival, $"{count} messages", TestContext.Current.CancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} There are {Items.Count}: {string.Join(", ", Items.Take(50))}", exception);
        }

        return Items;
    }
}
