using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Bus.Access;

/// <summary>Reads the access tokens of an OpenID Connect provider.</summary>
static class Tokens
{
    public const string Scheme = "BusToken";

    static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
    static readonly TimeSpan ProviderTimeout = TimeSpan.FromSeconds(10);

    // A key that both sides know cannot come from the provider's published ones.
    static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void Add(AuthenticationBuilder authentication, OidcSettings settings, bool isDevelopment) =>
        authentication.AddJwtBearer(Scheme, options =>
        {
            options.Authority = settings.Authority!.AbsoluteUri.TrimEnd('/');
            options.Audience = settings.Audience;
            options.RequireHttpsMetadata = !isDevelopment;
            options.BackchannelTimeout = ProviderTimeout;
            options.MapInboundClaims = false;
            options.TokenValidationParameters.NameClaimType = settings.NameClaim;
            options.TokenValidationParameters.RoleClaimType = settings.RoleClaim;
            options.TokenValidationParameters.ValidAlgorithms = Algorithms;
            options.TokenValidationParameters.ClockSkew = ClockSkew;
        });

    /// <summary>
    /// Tells whether a bearer credential is a signed token (JWS): a header, a payload and a signature. Keys have no dots.
    /// </summary>
    public static bool IsToken(string credential) =>
        credential.StartsWith("ey", StringComparison.Ordinal) && credential.AsSpan().Count('.') == 2;

    /// <summary>Makes the caller of a valid token. One without a known role is authenticated, and may do nothing.</summary>
    public static ClaimsIdentity IdentityOf(ClaimsPrincipal token, OidcSettings settings)
    {
        var name = token.FindFirstValue(settings.NameClaim) ?? "";

        if (settings.Roles.Of(Values(token, settings.RoleClaim)) is not { } role)
            return new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], CallerHandler.Scheme);

        var tenants = Values(token, settings.TenantClaim);
        return new BusCaller(name, role, ApiKeys.TenantsOf(tenants.Count > 0 ? tenants : settings.Tenants))
            .ToIdentity(CallerHandler.Scheme);
    }

    /// <summary>Says in a sentence why a token is refused. Nothing of the token is repeated.</summary>
    public static string Refusal(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => "The token has expired.",
        SecurityTokenNotYetValidException => "The token is not valid yet.",
        SecurityTokenInvalidAudienceException => "The token is for another audience than Bus:Access:Oidc:Audience.",
        SecurityTokenInvalidIssuerException => "The token comes from another provider than Bus:Access:Oidc:Authority.",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
            "The token is not signed with a key of the provider.",
        _ => "The token is not valid.",
    };

    static List<string> Values(ClaimsPrincipal token, string claim)
    {
        if (token.FindAll(claim).Select(found => found.Value).ToList() is { Count: > 0 } values)
            return values;

        // An object's members come as one claim of JSON, as Keycloak's realm_access does.
        var dot = claim.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || token.FindFirst(claim[..dot]) is not { ValueType: JsonClaimType } json)
            return [];

        using var document = JsonDocument.Parse(json.Value);
        var element = document.RootElement;
        foreach (var member in claim[(dot + 1)..].Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(member, out element))
                return [];
        }

        return element.ValueKind switch
        {
            JsonValueKind.String => [element.GetString()!],
            JsonValueKind.Array =>
                [.. element.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
            _ => [],
        };
    }

    const string JsonClaimType = "JSON";
}
