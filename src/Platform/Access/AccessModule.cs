using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;

namespace Maestro.Bus.Access;

/// <summary>
/// Identifies the callers of every HTTP endpoint by an API key or a token, and serves each what the endpoint's declaration and the caller's
/// role and tenants allow.
/// </summary>
public sealed class AccessModule : BusModule
{
    public override void AddServices(BusBuilder bus)
    {
        bus.AddSettings<FormerAdminSettings>(FormerAdminSettings.Section);
        var settings = bus.AddSettings<AccessSettings>(AccessSettings.Section);
        var isDevelopment = bus.Environment?.IsDevelopment() == true;
        settings.Check(isDevelopment, isProduction: bus.Environment?.IsProduction() != false, bus.Problems);

        bus.Services
            .AddSingleton<DevelopmentKeys>()
            .AddSingleton<IStartCheck, DevelopmentKeysCheck>()
            .AddSingleton<ApiKeys>()
            .AddSingleton(settings.FailedAttempts)
            .AddSingleton<FailedAttempts>()
            .AddSingleton<BrowserRules>()
            .AddSingleton<TrustedProxies>()
            .AddSingleton<IStartupFilter, RequestFilter>()
            .AddSingleton<IAuthorizationMiddlewareResultHandler, AccessGate>()
            .AddHostedService<AccessReport>()
            .AddCors()
            .AddProblemDetails();

        // What ASPNETCORE_FORWARDEDHEADERS_ENABLED and a host's own UseForwardedHeaders read trusts every sender. RequestFilter has options
        // of its own.
        bus.Services.PostConfigure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.None);

        var authentication = bus.Services.AddAuthentication(CallerHandler.Scheme)
            .AddScheme<AuthenticationSchemeOptions, CallerHandler>(CallerHandler.Scheme, null);
        if (settings.Oidc.Authority is not null)
            Tokens.Add(authentication, settings.Oidc, isDevelopment);

        bus.Services.AddAuthorization(options => options.FallbackPolicy = Undeclared);
    }

    // Answers such as 404 and 405 come from no route.
    static AuthorizationPolicy Undeclared { get; } = new AuthorizationPolicyBuilder()
        .RequireAssertion(context =>
            context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint
            || BusCaller.Of(context.User) is { Role: AccessRole.Admin, Tenants: null })
        .Build();
}
