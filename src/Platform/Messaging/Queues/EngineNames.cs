using MassTransit.Configuration;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Names what the engine has on a broker. The bus's own name goes before it, so that two buses share a virtual host without taking each
/// other's messages.
/// </summary>
/// <param name="bus">What the bus is called; null for one without a name, whose names are those of all buses without one.</param>
public sealed class EngineNames(string? bus)
{
    /// <summary>Gets the name of one of the engine's own queues.</summary>
    /// <param name="name">What it is called within the bus, such as <c>schedules</c>.</param>
    public string Queue(string name) => bus is null ? name : $"{bus}-{name}";

    /// <summary>
    /// Has the exchanges and topics of the engine's and MassTransit's own messages begin with the bus's name, those of
    /// <c>Fault&lt;T&gt;</c> among them. Those of the domains' messages do not: other buses may want to know of them.
    /// </summary>
    internal void Apply(IMessageTopologyConfigurator messages)
    {
        if (bus is not null)
            messages.SetEntityNameFormatter(new Formatter(messages.EntityNameFormatter, bus));
    }

    sealed class Formatter(IEntityNameFormatter others, string bus) : IEntityNameFormatter
    {
        public string FormatEntityName<T>() =>
            IsOurs(typeof(T).Assembly.GetName().Name!) ? $"{bus}-{others.FormatEntityName<T>()}" : others.FormatEntityName<T>();

        static bool IsOurs(string assembly) =>
            assembly == "MassTransit" || assembly.StartsWith("MassTransit.", StringComparison.Ordinal)
                || assembly.StartsWith("Maestro.Bus.", StringComparison.Ordinal);
    }
}
