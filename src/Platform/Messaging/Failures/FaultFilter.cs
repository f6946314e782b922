using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit.Middleware;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Publishes the fault of a message as MassTransit does. One that cannot be published, because the message's own ids or addresses cannot
/// be read, must not keep its message from the dead letters.
/// </summary>
sealed class FaultFilter : IFilter<ExceptionReceiveContext>
{
    static readonly IFilter<ExceptionReceiveContext> Faults = new GenerateFaultFilter();

    public void Probe(ProbeContext context) => context.CreateFilterScope("fault");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        try
        {
            await Faults.Send(context, Pipe.Empty<ExceptionReceiveContext>());
        }
        catch (Exception exception) when (
            exception is FormatException or JsonException or SerializationException or ArgumentException or NotSupportedException)
        {
            // A broker that is away throws others, and then the message stays where it is.
            LogContext.Warning?.Log(
                exception, "The fault of a message of {InputAddress} cannot be published; the message is dead-lettered all the same",
                context.InputAddress);
        }

        await next.Send(context);
    }
}
