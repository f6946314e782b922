using System.Reflection;
using System.Reflection.Emit;

namespace Maestro.Bus.Messaging.Tests;

public sealed class HiddenConsumerTests
{
    [Theory]
    [InlineData(typeof(IConsumer))]
    [InlineData(typeof(ISaga))]
    [InlineData(typeof(IExecuteActivity))]
    public void What_takes_messages_but_is_not_public_is_refused(Type kind)
    {
        var exception = Assert.Throws<BusConfigurationException>(() => BusParts.RefuseHidden(AssemblyWith(kind, TypeAttributes.NotPublic)));

        Assert.Equal(
            "Sales.Hidden takes messages but is not public, and the bus registers public types only. Make it public.", exception.Message);
    }

    [Fact]
    public void What_is_public_or_takes_no_messages_is_not()
    {
        BusParts.RefuseHidden(AssemblyWith(typeof(IConsumer), TypeAttributes.Public));
        BusParts.RefuseHidden(AssemblyWith(typeof(IDisposable), TypeAttributes.NotPublic));
    }

    static Assembly AssemblyWith(Type kind, TypeAttributes visibility)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Sales"), AssemblyBuilderAccess.Run);
        var type = assembly.DefineDynamicModule("Sales")
            .DefineType("Sales.Hidden", TypeAttributes.Class | visibility, typeof(object), [kind]);

        foreach (var method in kind.GetInterfaces().Append(kind).SelectMany(contract => contract.GetMethods()))
        {
            var body = type.DefineMethod(method.Name, MethodAttributes.Public | MethodAttributes.Virtual, method.ReturnType,
                [.. method.GetParameters().Select(parameter => parameter.ParameterType)]);
            var code = body.GetILGenerator();
            code.Emit(OpCodes.Ldnull);
            code.Emit(OpCodes.Throw);
        }

        type.CreateType();
        return assembly;
    }
}
