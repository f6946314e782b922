using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>The parts that a host was built with, read from the metadata that its project file stamps into the assembly.</summary>
static class BusParts
{
    public static IEnumerable<Assembly> Named(string key, Assembly host) =>
        host.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Where(attribute => attribute.Key == key)
            .Select(attribute => Assembly.Load(attribute.Value!));

    /// <param name="assembly">The assembly.</param>
    /// <param name="removal">How it is taken out of the host, as the end of a sentence.</param>
    /// <exception cref="BusConfigurationException">The assembly does not declare exactly one <typeparamref name="T"/>.</exception>
    public static T Single<T>(Assembly assembly, string removal = "take its name out of the host's project file")
        where T : class
    {
        var types = assembly.GetTypes().Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(T))).ToList();

        return types.Count == 1
            ? (T)Activator.CreateInstance(types[0])!
            : throw new BusConfigurationException(
                $"{assembly.GetName().Name} is built into the host as one {typeof(T).Name}, but declares {types.Count} such classes. "
                    + $"Declare exactly one, or {removal}.");
    }

    /// <summary>Whether a class runs jobs, instead of taking messages.</summary>
    public static bool IsJobConsumer(Type type) =>
        Array.Exists(
            type.GetInterfaces(), candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IJobConsumer<>));

    /// <summary>MassTransit passes over what is not public without a word, and its messages would wait for nobody.</summary>
    /// <exception cref="BusConfigurationException">A consumer, saga, state machine or activity of the assembly is not public.</exception>
    public static void RefuseHidden(Assembly assembly)
    {
        if (assembly.GetTypes().FirstOrDefault(type =>
            type is { IsClass: true, IsAbstract: false, IsVisible: false, ContainsGenericParameters: false }
                && TakesMessages(type)) is { } hidden)
            throw new BusConfigurationException(
                $"{hidden.FullName} takes messages but is not public, and the bus registers public types only. Make it public.");

        static bool TakesMessages(Type type) =>
            Array.Exists([typeof(IConsumer), typeof(ISaga), typeof(StateMachine), typeof(IExecuteActivity)], type.IsAssignableTo);
    }
}
