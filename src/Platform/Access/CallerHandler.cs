using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Maestro.Bus.Access;

/// <summary>
/// Identifies a caller by the API key in <c>X-Api-Key</c> or <c>Authorization: Bearer</c>, or by the token in the latter. Credentials are
/// ignored where nothing needs them.
/// </summary>
sealed class CallerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    UrlEncoder encoder,
    IOptionsMonitor<JwtBearerOptions> tokens,
    ApiKeys keys,
    AccessSettings settings,
    FailedAttempts attempts,
    // The base class would write a line for each failure; FailedAttempts writes one a minute.
    IHostApplicationLifetime lifetime) : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    public new const string Scheme = "BusCaller";

    /// <summary>The header that a caller sends its key in, if not in <c>Authorization</c>.</summary>
    public const string Header = "X-Api-Key";

    const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.GetEndpoint() is not RouteEndpoint endpoint
            || endpoint.Metadata.GetMetadata<AnonymousAccess>() is { IdentifiesCallers: false })
            return AuthenticateResult.NoResult();

        var result = await Identify();
        if (result.Failure is null or ProviderAwayException)
            return result;

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Context.RequestAborted, lifetime.ApplicationStopping);
        return await attempts.Hold(Context.Connection.RemoteIpAddress, over.Token)
            ? result
            : AuthenticateResult.Fail(new TooManyAttemptsException(settings.FailedAttempts.Delay));
    }

    Task<AuthenticateResult> Identify()
    {
        if (Request.Headers.TryGetValue(Header, out var sent))
            return Task.FromResult(sent is [{ Length: > 0 } key]
                ? WithKey(key)
                : AuthenticateResult.Fail($"The header {Header} is empty or is sent more than once."));

        if (Request.Headers.Authorization is not { Count: > 0 } authorization)
            return Task.FromResult(AuthenticateResult.NoResult());

        if (authorization is not [{ Length: > 0 } credential] || !credential.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.Fail("The header Authorization is not 'Bearer' and a key or token."));

        var bearer = credential[Bearer.Length..].Trim();
        return Tokens.IsToken(bearer) ? WithToken() : Task.FromResult(WithKey(bearer));
    }

    AuthenticateResult WithKey(string key)
    {
        var (caller, refusal) = keys.Find(key);
        return caller is not null ? Success(caller.ToIdentity(Scheme)) : AuthenticateResult.Fail(refusal!);
    }

    async Task<AuthenticateResult> WithToken()
    {
        if (settings.Oidc.Authority is null)
            return AuthenticateResult.Fail("Tokens are not accepted: Bus:Access:Oidc is not set.");

        try
        {
            // It is kept once it has been read. Without it the token's signature would count as wrong.
            await tokens.Get(Tokens.Scheme).ConfigurationManager!.GetConfigurationAsync(Context.RequestAborted);
        }
        catch (InvalidOperationException exception)
        {
            // The provider cannot be reached, or does not answer with its configuration (IDX20803).
            return AuthenticateResult.Fail(new ProviderAwayException(exception));
        }

        return await Context.AuthenticateAsync(Tokens.Scheme) switch
        {
            { Principal: { } token } => Success(Tokens.IdentityOf(token, settings.Oidc)),
            { Failure: { } failure } => AuthenticateResult.Fail(Tokens.Refusal(failure)),
            var result => result,
        };
    }

    AuthenticateResult Success(ClaimsIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
}
