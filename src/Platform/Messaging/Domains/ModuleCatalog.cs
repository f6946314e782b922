using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>The modules of a host.</summary>
sealed class ModuleCatalog(IEnumerable<BusModule> modules)
{
    public IReadOnlyList<BusModule> Modules { get; } = [.. modules];

    public static ModuleCatalog Of(Assembly host) =>
        new(BusParts.Named("BusModule", host)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(BusModule)))
            .Select(type => (BusModule)Activator.CreateInstance(type)!));
}
