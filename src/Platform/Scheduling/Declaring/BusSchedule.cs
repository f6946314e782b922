namespace Maestro.Bus.Scheduling;

/// <summary>
/// A schedule as a class of its own, which the host finds in a domain's project by itself. The schedule's name is the class's in kebab
/// case, without the suffix <c>Schedule</c>.
/// </summary>
public abstract class BusSchedule
{
    /// <summary>The schedule's name.</summary>
    public virtual string Name
    {
        get
        {
            var name = GetType().Name;
            return KebabCaseEndpointNameFormatter.Instance.SanitizeName(
                name.EndsWith("Schedule", StringComparison.Ordinal) ? name[..^"Schedule".Length] : name);
        }
    }

    internal abstract Declaration Declare(string origin);
}

/// <summary>A schedule whose runs send a <typeparamref name="TMessage"/>.</summary>
public abstract class BusSchedule<TMessage> : BusSchedule
    where TMessage : class
{
    /// <summary>Says when the schedule runs and what it sends.</summary>
    protected abstract void Configure(ScheduleBuilder<TMessage> schedule);

    internal override Declaration Declare(string origin)
    {
        var builder = new ScheduleBuilder<TMessage>(Name, origin);
        Configure(builder);
        return builder.Declaration;
    }
}
