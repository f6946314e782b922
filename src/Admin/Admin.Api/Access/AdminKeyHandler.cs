using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace MaestroBus.Admin.Api;

/// <summary>Knows callers by the key that they send. Without any keys configured, callers on this machine may do everything, and others nothing.</summary>
sealed class AdminKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AdminKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "AdminKey";

    /// <summary>The header that a caller sends its key in.</summary>
    public const string Header = "X-Api-Key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!keys.Any)
            return Task.FromResult(LocalCaller.Is(Context) ? Success("local", AdminRole.Admin) : AuthenticateResult.NoResult());

        if (Request.Headers[Header] is not [{ Length: > 0 } key])
            return Task.FromResult(AuthenticateResult.NoResult());

        return Task.FromResult(keys.Find(key) is { } caller ? Success(caller.Name, caller.Role) : AuthenticateResult.Fail("The key is unknown."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (!keys.Any)
            return Refuse(
                StatusCodes.Status403Forbidden,
                "Only callers on this machine are served.",
                "No keys are configured, so the administration answers programs on the host's own machine only, that call it directly. Set Bus:Admin:Keys:{name}:Key and :Role, and send the key in the header X-Api-Key.");

        Response.Headers.WWWAuthenticate = Header;
        return Refuse(
            StatusCodes.Status401Unauthorized,
            Request.Headers.ContainsKey(Header) ? "The key is unknown." : "The key is missing.",
            "Send one of the keys of Bus:Admin:Keys in the header X-Api-Key.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refuse(
        StatusCodes.Status403Forbidden,
        "The key does not allow this.",
        $"The caller {Context.User.Identity?.Name} is a {RoleExtensions.Of(Context.User)?.ToString().ToLowerInvariant()}. This needs a higher role; use a key that has it, or change Bus:Admin:Keys:{Context.User.Identity?.Name}:Role.");

    AuthenticateResult Success(string name, AdminRole role) => AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, $"{role}")], Scheme)), Scheme));

    Task Refuse(int status, string title, string detail) => TypedResults.Problem(statusCode: status, title: title, detail: detail).ExecuteAsync(Context);
}
