namespace Maestro.Bus.Compliance;

/// <summary>A broker that nobody but one test class uses.</summary>
public abstract class TransportBroker : IAsyncLifetime
{
    /// <summary>The settings with which a bus reaches it, <c>Bus:Transport</c> among them.</summary>
    public abstract IEnumerable<KeyValuePair<string, string?>> Settings { get; }

    /// <summary>A transport for one more bus.</summary>
    public abstract BusTransport CreateTransport();

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Has a consumer take a message from a queue, and die with it in its hands. For a durable transport.</summary>
    public abstract Task TakeAndDie(string queue);

    /// <summary>Whether <see cref="Advance"/> can have a bus's delays go by.</summary>
    public virtual bool HasMovableClock => false;

    /// <summary>The clock of a bus whose delays are to go by.</summary>
    public virtual TimeProvider CreateClock() => TimeProvider.System;

    /// <summary>Has a bus's delays go by, where its clock can be moved.</summary>
    public virtual ValueTask Advance(IHost host, TimeSpan time) => throw new NotSupportedException("Nobody moves this broker's clock.");

    /// <summary>Puts bytes into a queue that no bus has made.</summary>
    public virtual async Task SendBytes(IBus bus, string queue, byte[] body)
    {
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(new Work(0), Pipe.Execute<SendContext<Work>>(context => context.Serializer = new RawSerializer(body)));
    }
}
