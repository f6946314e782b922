using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Testing;

/// <summary>
/// Builders for the hosts of tests. They validate scopes in every environment, as .NET does by itself in Development alone: a service
/// that is kept longer than its scope fails the test. The tests' banned symbols lead here.
/// </summary>
public static class ValidatedHost
{
    /// <summary>A host without HTTP, with .NET's usual sources of settings and logs.</summary>
    /// <param name="settings">The host's name, environment and folders; null for .NET's own.</param>
    public static HostApplicationBuilder CreateApplicationBuilder(HostApplicationBuilderSettings? settings = null) =>
        Validated(Host.CreateApplicationBuilder(settings));

    /// <summary>A host without HTTP, settings and logs.</summary>
    /// <param name="settings">The host's name, environment and folders; null for .NET's own.</param>
    public static HostApplicationBuilder CreateEmptyApplicationBuilder(HostApplicationBuilderSettings? settings = null) =>
        Validated(Host.CreateEmptyApplicationBuilder(settings));

    /// <summary>A host with HTTP and all that ASP.NET Core adds by itself.</summary>
    /// <param name="options">The host's name, environment and folders; null for .NET's own.</param>
    public static WebApplicationBuilder CreateWebBuilder(WebApplicationOptions? options = null) =>
        Validated(WebApplication.CreateBuilder(options ?? new WebApplicationOptions()));

    /// <summary>A host with HTTP and little else.</summary>
    public static WebApplicationBuilder CreateWebSlimBuilder() => Validated(WebApplication.CreateSlimBuilder());

    /// <summary>A host with HTTP that is to be chosen by the test, without settings and logs.</summary>
    public static WebApplicationBuilder CreateWebEmptyBuilder() =>
        Validated(WebApplication.CreateEmptyBuilder(new WebApplicationOptions()));

    static TBuilder Validated<TBuilder>(TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateScopes = true }));
        return builder;
    }
}
