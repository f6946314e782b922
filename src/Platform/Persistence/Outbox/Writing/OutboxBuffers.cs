using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Maestro.Bus.Persistence;

/// <summary>The buffers of the contexts that something has been published beside.</summary>
sealed class OutboxBuffers(IOutboxStore store, OutboxSignals signals)
{
    readonly ConditionalWeakTable<DbContext, OutboxBuffer> _buffers = [];

    public OutboxBuffer Of(DbContext context) => _buffers.GetValue(context, key => new OutboxBuffer(key, store, signals));

    public bool TryGet(DbContext? context, [NotNullWhen(true)] out OutboxBuffer? buffer)
    {
        buffer = null;
        return context is not null && _buffers.TryGetValue(context, out buffer);
    }

    /// <summary>A context may be used again by another scope.</summary>
    public void Remove(DbContext context) => _buffers.Remove(context);
}
