using System.Security.Cryptography;
using System.Text;

namespace MaestroBus.Ingress.Tests;

/// <summary>The headers of genuine webhooks.</summary>
static class Signed
{
    public const string GitHubSecret = "It's a Secret to Everybody";
    public const string PreviousSecret = "a secret of last year";
    public const string StripeSecret = "whsec_of_the_tests_only";
    public const string OrdersSecret = "the orders' shared secret";

    public static string Hex(string secret, string text) => Hex(secret, Encoding.UTF8.GetBytes(text));

    public static string Hex(string secret, byte[] body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    public static (string, string)[] ByGitHub(byte[] body, string id = "d-1", string type = "push", string secret = GitHubSecret) =>
        [("X-Hub-Signature-256", $"sha256={Hex(secret, body)}"), ("X-GitHub-Delivery", id), ("X-GitHub-Event", type)];

    public static (string, string)[] ByGitHub(string body, string id = "d-1", string type = "push", string secret = GitHubSecret) =>
        ByGitHub(Encoding.UTF8.GetBytes(body), id, type, secret);

    public static (string, string)[] ByStripe(string body, TimeSpan age = default, string secret = StripeSecret)
    {
        var seconds = (Clock.Now - age).ToUnixTimeSeconds();
        return [("Stripe-Signature", $"t={seconds},v1={Hex(secret, $"{seconds}.{body}")},v0={new string('0', 64)}")];
    }

    public static (string, string)[] ByOrders(string body) => [("X-Signature", $"sha256={Hex(OrdersSecret, body)}")];
}
