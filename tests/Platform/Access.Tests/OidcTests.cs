using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Bus.Access.Tests;

/// <summary>Tokens of an OpenID Connect provider.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    Issuer _issuer = null!;

    public async ValueTask InitializeAsync() => _issuer = await Issuer.Start();

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    [Fact]
    public async Task A_token_identifies_its_caller_with_role_and_tenants_and_keys_work_beside_it()
    {
        await using var server = await Start();

        Assert.Equal(("ada", "Reader", "acme"), await Seen(server, _issuer.Token()));
        Assert.Equal(
            ("ada", "Admin", "all tenants"),
                await Seen(server, _issuer.Token(new() { ["roles"] = new[] { "reader", "admin", "other" }, ["tenants"] = "*" })));
        Assert.Equal(("ada", "Client", "no tenant"), await Seen(server, _issuer.Token(new() { ["roles"] = "client" })));
        Assert.Equal("watcher", (await Ask(server, ProbeServer.ReaderKey)).Seen.Name);
    }

    [Fact]
    public async Task Role_and_tenant_claims_are_as_configured()
    {
        await using var server = await Start(new()
        {
            ["Bus:Access:Oidc:NameClaim"] = "preferred_username",
            ["Bus:Access:Oidc:RoleClaim"] = "realm_access.roles",
            ["Bus:Access:Oidc:Roles:Operator:0"] = "urn:bus:operators",
            ["Bus:Access:Oidc:TenantClaim"] = "org",
            ["Bus:Access:Oidc:Tenants:0"] = "globex",
        });
        var roles = new Dictionary<string, object> { ["roles"] = new[] { "offline_access", "urn:bus:operators" } };

        Assert.Equal(
            ("Ada", "Operator", "globex"),
                await Seen(server, _issuer.Token(new() { ["realm_access"] = roles, ["preferred_username"] = "Ada" })));
        Assert.Equal(
            ("Ada", "Operator", "acme"),
                await Seen(server, _issuer.Token(new() { ["realm_access"] = roles, ["preferred_username"] = "Ada", ["org"] = "acme" })));
        // Its name in lower case stands for a role only if no values are configured.
        Assert.Equal(
            403, (await Ask(
                server, _issuer.Token(new() { ["realm_access"] = new Dictionary<string, object> { ["roles"] = new[] { "operator" } } }),
                    "/reader")).Status);
    }

    [Fact]
    public async Task A_token_that_is_not_valid_is_refused_with_the_reason()
    {
        await using var server = await Start(new() { ["Bus:Access:FailedAttempts:PerMinute"] = "100" });
        using var foreign = RSA.Create(2048);
        var good = _issuer.Token();

        await Refused("The token has expired.", _issuer.Token(expiresInMinutes: -2));
        await Refused("The token is for another audience than Bus:Access:Oidc:Audience.", _issuer.Token(audience: "shop"));
        await Refused(
            "The token comes from another provider than Bus:Access:Oidc:Authority.", _issuer.Token(issuer: "https://evil.example"));
        await Refused("The token is not signed with a key of the provider.", _issuer.Token(key: foreign));
        await Refused("The token is not signed with a key of the provider.", _issuer.Token(key: foreign, kid: "unknown"));
        await Refused("The token is not signed with a key of the provider.", _issuer.Forged());
        await Refused("The token is not signed with a key of the provider.", good[..good.LastIndexOf('.')] + ".");
        await Refused(
            "The token is not signed with a key of the provider.",
                $"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{good.Split('.')[1]}.");
        await Refused("The token is not valid.", "ey!.ey!.!");
        Assert.Equal(200, (await Ask(server, good, "/reader")).Status);

        async Task Refused(string title, string token)
        {
            var answer = await Ask(server, token, "/reader");
            Assert.Equal((401, title), (answer.Status, answer.Problem[..Math.Min(title.Length, answer.Problem.Length)]));
            Assert.EndsWith("or a token of the provider as the latter.", answer.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_without_a_role_may_do_nothing_and_is_told_so()
    {
        await using var server = await Start();

        var answer = await Ask(server, _issuer.Token(new() { ["roles"] = new[] { "guest" } }), "/reader");

        Assert.Equal(403, answer.Status);
        Assert.StartsWith("The token names no role. ", answer.Problem, StringComparison.Ordinal);
        Assert.Equal(403, (await Ask(server, _issuer.Token([]), "/undeclared")).Status);
    }

    [Fact]
    public async Task While_the_provider_is_away_tokens_wait_and_keys_work()
    {
        await _issuer.Stop();
        await using var server = await Start();

        var answer = await Ask(server, _issuer.Token(), "/reader");

        Assert.Equal(503, answer.Status);
        Assert.StartsWith(
            "The OpenID Connect provider does not answer, so tokens cannot be checked. ", answer.Problem, StringComparison.Ordinal);
        Assert.Equal("10", Assert.Single(answer.Response.Headers.GetValues("Retry-After")));
        Assert.Equal("watcher", (await Ask(server, ProbeServer.ReaderKey)).Seen.Name);
        Assert.DoesNotContain(server.Log.All, line => line.Contains("wrong key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_tokens_are_slowed_like_wrong_keys()
    {
        await using var server = await Start(
            new() { ["Bus:Access:FailedAttempts:PerMinute"] = "1", ["Bus:Access:FailedAttempts:Delay"] = "1m" });
        Assert.Equal(401, (await Ask(server, _issuer.Token(audience: "shop"), "/reader")).Status);

        var held = Ask(server, _issuer.Token(audience: "shop"), "/reader");

        Assert.Equal(200, (await Ask(server, _issuer.Token(), "/reader")).Status);
        Assert.False(held.IsCompleted);
    }

    Task<ProbeServer> Start(Dictionary<string, string?>? settings = null) => ProbeServer.Start(
        new Dictionary<string,
            string?>(settings ?? [])
        { ["Bus:Access:Oidc:Authority"] = _issuer.Address, ["Bus:Access:Oidc:Audience"] = "bus" },
                "Development");

    static Task<Answer> Ask(ProbeServer server, string credential, string path = "/known") =>
        server.Send("GET", path, null, ("Authorization", $"Bearer {credential}"));

    static async Task<(string?, string?, string?)> Seen(ProbeServer server, string token) =>
        await Ask(server, token) is var answer && answer.Status == 200 ? (answer.Seen.Name, answer.Seen.Role, answer.Seen.Tenants)
            : throw new InvalidOperationException(answer.Text);
}
