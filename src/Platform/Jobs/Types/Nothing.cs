using System.Reflection;

namespace Maestro.Bus.Jobs;

/// <summary>Takes every call, and does nothing.</summary>
class Nothing : DispatchProxy
{
    /// <summary>Something that takes every call of an interface.</summary>
    public static T Of<T>()
        where T : class =>
        Create<T, Nothing>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.ReturnType is { IsValueType: true } type && type != typeof(void) ? Activator.CreateInstance(type) : null;
}
