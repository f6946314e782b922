namespace Maestro.Bus.Template.Tests;

/// <summary>The default shape with a domain, a consumer, a job and a saga added, all of it built.</summary>
public sealed class AcmeBus(TemplatePackage package) : IAsyncLifetime
{
    internal GeneratedBus Bus { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Bus = await package.Generate("Acme");
        await Bus.AddDomain("OrderV2");
        (await Bus.New("maestro-consumer", "--name", "ReplayWebhook", "--domain", "Ingress")).Succeeded();
        (await Bus.New("maestro-job", "--name", "ReplayAll", "--domain", "Ingress")).Succeeded();
        (await Bus.DotNet("build", "--nologo", "--verbosity", "quiet")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        Bus?.Dispose();
        return ValueTask.CompletedTask;
    }
}
