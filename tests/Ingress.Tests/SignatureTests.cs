using System.Text;
using Microsoft.AspNetCore.Http;

namespace MaestroBus.Ingress.Tests;

public sealed class SignatureTests
{
    static readonly byte[] Body = Encoding.UTF8.GetBytes("Hello, World!");

    [Theory]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", true)]
    [InlineData("sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17", true)]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18", false)]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", false)]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", false)]
    [InlineData("sha256=757107ea", false)]
    [InlineData("sha256=", false)]
    [InlineData("", false)]
    public void GitHub_s_published_example_is_genuine_and_nothing_near_it(string header, bool genuine)
    {
        var scheme = new GitHubScheme(new SigningSecrets("It's a Secret to Everybody"));

        var problem = scheme.FindProblem(new HeaderDictionary { ["X-Hub-Signature-256"] = header }, Body);

        Assert.Equal(genuine, problem is null);
    }

    // The digest is that of RFC 4231, test case 2.
    [Theory]
    [InlineData("Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData("Jefe", "what do ya want for nothing?", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")]
    public void The_generic_scheme_takes_the_standard_s_examples_in_hex_and_base64(string secret, string text, string signature)
    {
        var scheme = new HmacScheme(
            new SigningSecrets(secret), "X-Signature", "", EventPart.Header("X-Event-Id"), EventPart.Header("X-Event-Type"));

        Assert.Null(scheme.FindProblem(new HeaderDictionary { ["X-Signature"] = signature }, Encoding.ASCII.GetBytes(text)));
        Assert.NotNull(scheme.FindProblem(new HeaderDictionary { ["X-Signature"] = signature }, Encoding.ASCII.GetBytes(text + " ")));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(299, true)]
    [InlineData(-299, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public void Stripe_s_signature_is_taken_within_the_tolerance_either_way(int age, bool genuine)
    {
        var (name, value) = Signed.ByStripe("Hello, World!", TimeSpan.FromSeconds(age)).Single();

        var problem = Stripe().FindProblem(new HeaderDictionary { [name] = value }, Body);

        Assert.Equal(genuine, problem is null);
        Assert.True(genuine || problem!.Contains("not from now"));
    }

    [Fact]
    public void One_of_several_Stripe_signatures_is_enough()
    {
        var seconds = Clock.Now.ToUnixTimeSeconds();
        var header = $"t={seconds},v1={new string('a', 64)},v1={Signed.Hex(Signed.StripeSecret, $"{seconds}.Hello, World!")},v0=x";

        Assert.Null(Stripe().FindProblem(new HeaderDictionary { ["Stripe-Signature"] = header }, Body));
    }

    [Theory]
    [InlineData("v1={0}")]
    [InlineData("t={1}")]
    [InlineData("t={1},v0={0}")]
    [InlineData("t={1},t={1},v1={0}")]
    [InlineData("t=-{1},v1={0}")]
    [InlineData("t= {1},v1={0}")]
    [InlineData("t=99999999999999999999,v1={0}")]
    [InlineData("t=999999999999999999,v1={0}")]
    [InlineData("t={1};v1={0}")]
    [InlineData(",,,==,t=,v1=")]
    public void A_Stripe_header_of_another_form_is_no_signature(string form)
    {
        var seconds = Clock.Now.ToUnixTimeSeconds();
        var header = form.Replace("{0}", Signed.Hex(Signed.StripeSecret, $"{seconds}.Hello, World!")).Replace("{1}", $"{seconds}");

        Assert.Contains("holds no signature", Stripe().FindProblem(new HeaderDictionary { ["Stripe-Signature"] = header }, Body));
    }

    [Fact]
    public void A_time_changed_after_signing_is_noticed()
    {
        var header =
            $"t={Clock.Now.ToUnixTimeSeconds()},v1={Signed.Hex(
                Signed.StripeSecret, $"{Clock.Now.AddDays(-1).ToUnixTimeSeconds()}.Hello, World!")}";

        Assert.Contains("does not belong to this body", Stripe().FindProblem(new HeaderDictionary { ["Stripe-Signature"] = header }, Body));
    }

    [Fact]
    public void A_signature_header_that_occurs_twice_is_refused()
    {
        var header = $"sha256={Signed.Hex(Signed.GitHubSecret, Body)}";
        var scheme = new GitHubScheme(new SigningSecrets(Signed.GitHubSecret));

        Assert.NotNull(scheme.FindProblem(new HeaderDictionary { ["X-Hub-Signature-256"] = new([header, header]) }, Body));
    }

    static StripeScheme Stripe() => new(new SigningSecrets(Signed.StripeSecret), TimeSpan.FromMinutes(5), new Clock());
}
