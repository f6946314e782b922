namespace Maestro.Bus.Scheduling;

/// <summary>Declares schedules.</summary>
public static class SchedulingExtensions
{
    /// <summary>
    /// Declares recurring work: at each time of the schedule a message is sent, once, however many processes there are. When the host
    /// starts, what was declared before is brought in line: changed schedules change, those that are gone are deleted. A class derived from
    /// <see cref="BusSchedule{TMessage}"/> does the same without being named anywhere.
    /// </summary>
    /// <param name="bus">The domain's builder.</param>
    /// <param name="name">The schedule's name, which <c>Bus:Schedules:{name}</c> and the administration know it by.</param>
    /// <param name="configure">Says when it runs and what it sends.</param>
    public static void AddSchedule<TMessage>(this BusBuilder bus, string name, Action<ScheduleBuilder<TMessage>> configure)
        where TMessage : class
    {
        var builder = new ScheduleBuilder<TMessage>(name, bus.Domain?.Name ?? "the host");
        configure(builder);
        DeclarationsOf(bus).Add(builder.Declaration);
    }

    internal static List<Declaration> DeclarationsOf(BusBuilder bus)
    {
        if (bus.Services.FirstOrDefault(service =>
            service.ServiceType == typeof(List<Declaration>))?.ImplementationInstance is List<Declaration> known)
            return known;

        List<Declaration> declarations = [];
        bus.Services.AddSingleton(declarations);
        return declarations;
    }
}
