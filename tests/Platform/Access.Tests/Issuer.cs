using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Bus.Access.Tests;

/// <summary>An OpenID Connect provider's discovery document and keys on a port of this machine, and tokens signed with them.</summary>
sealed class Issuer : IAsyncDisposable
{
    readonly WebApplication _application;
    readonly RSA _key = RSA.Create(2048);

    Issuer(int port)
    {
        Address = $"http://127.0.0.1:{port}/realms/main";
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        _application = builder.Build();
        _application.Urls.Add($"http://127.0.0.1:{port}");
        _application.MapGet("/realms/main/.well-known/openid-configuration", () => new { issuer = Address, jwks_uri = $"{Address}/keys" });
        _application.MapGet("/realms/main/keys", () =>
        {
            var parameters = _key.ExportParameters(false);
            return new
            {
                keys = new[]
                {
                    new { kty = "RSA", use = "sig", alg = "RS256", kid = "main", n = Base64UrlEncoder.Encode(parameters.Modulus),
                        e = Base64UrlEncoder.Encode(parameters.Exponent) },
                },
            };
        });
    }

    public string Address { get; }

    public static async Task<Issuer> Start()
    {
        var issuer = new Issuer(Ports.Free());
        await issuer._application.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    /// <summary>Stops answering.</summary>
    public Task Stop() => _application.StopAsync(TestContext.Current.CancellationToken);

    /// <summary>Makes a token that is valid but for what is given.</summary>
    public string Token(
        Dictionary<string, object>? claims = null, string audience = "bus", string? issuer = null, double expiresInMinutes = 10,
            string kid = "main", RSA? key = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Address,
            Audience = audience,
            NotBefore = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1),
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(expiresInMinutes),
            Claims = new Dictionary<string,
                object>(claims ?? new() { ["roles"] = new[] { "reader" }, ["tenants"] = new[] { "acme" } })
            { ["sub"] = "ada" },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(key ?? _key) { KeyId = kid }, SecurityAlgorithms.RsaSha256),
        });

    /// <summary>
    /// Makes a token that is signed with the published key as if it were a shared secret, which whoever knows the key could do.
    /// </summary>
    public string Forged() => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Address,
        Audience = "bus",
        Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(10),
        Claims = new Dictionary<string, object> { ["sub"] = "eve", ["roles"] = new[] { "admin" } },
        SigningCredentials = new SigningCredentials(
            new SymmetricSecurityKey(_key.ExportRSAPublicKey()) { KeyId = "main" }, SecurityAlgorithms.HmacSha256),
    });

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _key.Dispose();
    }
}
