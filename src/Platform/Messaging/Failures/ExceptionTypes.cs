using System.Collections.Concurrent;
using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>Finds the exceptions that a configuration names.</summary>
static class ExceptionTypes
{
    // Every queue of every bus names the same few, and looking through all that is loaded takes milliseconds.
    static readonly ConcurrentDictionary<string, IReadOnlyList<Type>> Known = new(StringComparer.Ordinal);

    /// <summary>The types that names stand for. A name that stands for none is a problem.</summary>
    public static List<Type> Of(IEnumerable<string> names, string setting, SettingsProblems problems)
    {
        var types = new List<Type>();
        foreach (var name in names)
        {
            var found = Find(name);
            if (found.Count == 0)
                problems.Add(setting, name,
                    "No exception has this name. Use the name of an exception's class, such as System.TimeoutException or "
                        + "TimeoutException.");

            types.AddRange(found);
        }

        return types;
    }

    static IReadOnlyList<Type> Find(string name)
    {
        if (Known.TryGetValue(name, out var known))
            return known;

        // What is named is nearly always loaded; what is not may belong to a library that nothing has needed so far.
        var found = In(AppDomain.CurrentDomain.GetAssemblies(), name);
        if (found.Count == 0)
            found = In(Reachable(), name);
        if (found.Count > 0)
            Known[name] = found;

        return found;
    }

    static List<Type> In(IEnumerable<Assembly> assemblies, string name) =>
        [.. assemblies.Where(assembly => !assembly.IsDynamic).SelectMany(TypesOf)
            .Where(type => (type.Name == name || type.FullName == name) && type.IsAssignableTo(typeof(Exception))).Distinct()];

    static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetExportedTypes();
        }
        catch (Exception exception) when (exception is NotSupportedException or FileNotFoundException or FileLoadException
            or TypeLoadException)
        {
            // An assembly whose own references are missing has nothing that could be thrown here.
            return [];
        }
    }

    static IEnumerable<Assembly> Reachable()
    {
        var known = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic).DistinctBy(assembly => assembly.FullName)
            .ToDictionary(assembly => assembly.FullName!);
        var open = new Queue<Assembly>(known.Values);

        while (open.TryDequeue(out var assembly))
        {
            foreach (var reference in assembly.GetReferencedAssemblies().Where(reference => !known.ContainsKey(reference.FullName)))
            {
                try
                {
                    var loaded = Assembly.Load(reference);
                    if (known.TryAdd(reference.FullName, loaded) && known.TryAdd(loaded.FullName!, loaded) | true)
                        open.Enqueue(loaded);
                }
                catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
                {
                    // A reference that is not there cannot be thrown from, either.
                }
            }
        }

        return known.Values.Distinct();
    }
}
