using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Maestro.Bus.Testing;

/// <summary>Takes every request for one caller's, in hosts whose tests are about something else than access.</summary>
public static class TestCaller
{
    /// <summary>
    /// The header that names another caller for one request: a role and its tenants, such as <c>Client acme globex</c>; <c>*</c> stands
    /// for all tenants.
    /// </summary>
    public const string Header = "X-Test-Caller";

    const string Scheme = "Test";

    /// <summary>Adds the caller. A host that has the module that identifies callers by their keys does that instead.</summary>
    /// <param name="services">The host's services, before the bus has added its own.</param>
    /// <param name="caller">The caller; an administrator for all tenants without one.</param>
    public static IServiceCollection AddTestCaller(this IServiceCollection services, BusCaller? caller = null)
    {
        services.AddSingleton(caller ?? new BusCaller("test", AccessRole.Admin, null));
        services.AddAuthorization();
        services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, Handler>(Scheme, null);
        return services;
    }

    sealed class Handler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, BusCaller caller)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var current = Request.Headers[Header].ToString() is { Length: > 0 } named ? Named(named.Split(' ')) : caller;
            return Task.FromResult(AuthenticateResult.Success(
                new AuthenticationTicket(new ClaimsPrincipal(current.ToIdentity(TestCaller.Scheme)), TestCaller.Scheme)));
        }

        static BusCaller Named(string[] parts) => new(
            "test", Enum.Parse<AccessRole>(parts[0]), parts.Contains("*") ? null : parts[1..].ToHashSet(StringComparer.Ordinal));
    }
}
