using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Messaging.Tests;

public sealed class TlsSettingsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TestAuthority _authority = new("right");
    readonly TestCertificate _certificate;

    public TlsSettingsTests()
    {
        _certificate = _authority.Issue("client", []);
        _certificate.WriteTo(_folder, "client");
        File.WriteAllText(_folder.At("ca.pem"), _authority.Pem);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Good_settings_have_no_problem_and_relative_paths_are_below_the_content_root()
    {
        File.WriteAllBytes(_folder.At("client.pfx"), _certificate.Pfx("secret"));
        File.WriteAllText(_folder.At("encrypted.key"), _certificate.EncryptedKey("secret"));
        File.WriteAllText(_folder.At("whole.pem"), _certificate.Pem + Environment.NewLine + _certificate.Key);

        Assert.Empty(Problems(
            new() { CertificateAuthority = "ca.pem", Certificate = "client.pem", Key = "client.key", ServerName = "a.example.com" }));
        Assert.Empty(Problems(new() { Certificate = "client.pem", Key = "encrypted.key", KeyPassword = "secret" }));
        Assert.Empty(Problems(new() { Certificate = "client.pfx", KeyPassword = "secret" }));
        Assert.Empty(Problems(new() { Certificate = "whole.pem" }));
    }

    [Fact]
    public void A_file_that_is_missing_or_holds_something_else_is_named()
    {
        File.WriteAllText(_folder.At("notes.txt"), "Not a certificate.");
        File.WriteAllText(_folder.At("broken.pem"), _authority.Pem.Replace("MII", "???", StringComparison.Ordinal));

        Has(new() { CertificateAuthority = "none.pem" }, $"CertificateAuthority is '{_folder.At("none.pem")}'. There is no such file.");
        Has(new() { CertificateAuthority = "." }, "CertificateAuthority is '", "The file cannot be read");
        Has(new() { CertificateAuthority = "notes.txt" }, "CertificateAuthority", "It holds no certificate.");
        Has(new() { CertificateAuthority = "broken.pem" }, "CertificateAuthority", "broken.pem");
        Has(new() { Certificate = "none.pem", Key = "client.key" }, "Certificate is '", "There is no such file.");
        Has(new() { Certificate = "client.pem", Key = "none.key" }, "Key is '", "There is no such file.");
        Has(new() { Certificate = "notes.txt" }, "Certificate is 'notes.txt'. It cannot be read");
    }

    [Fact]
    public void A_key_that_is_missing_or_of_another_certificate_is_told()
    {
        using var other = _authority.Issue("other", []);
        other.WriteTo(_folder, "other");

        Has(
            new() { Certificate = "client.pem", Key = "other.key" },
            "Key is 'other.key'. It holds no private key that belongs to the certificate in 'client.pem'.");
        Has(new() { Certificate = "client.pem" }, "Key is not set. 'client.pem' holds no private key.");
        Has(new() { Certificate = "client.pem", Key = "ca.pem" }, "Key is 'ca.pem'. It holds no private key.");
        Has(new() { Key = "client.key" }, "Certificate is not set.");
        Has(new() { KeyPassword = "secret" }, "Certificate is not set.");
    }

    [Fact]
    public void A_password_that_is_missing_or_wrong_is_told_and_not_shown()
    {
        File.WriteAllBytes(_folder.At("client.pfx"), _certificate.Pfx("secret"));
        File.WriteAllText(_folder.At("encrypted.key"), _certificate.EncryptedKey("secret"));

        Has(
            new() { Certificate = "client.pem", Key = "encrypted.key" },
            "KeyPassword is not set. The private key in 'encrypted.key' is encrypted.");
        Has(
            new() { Certificate = "client.pem", Key = "encrypted.key", KeyPassword = "hunter2" },
            "KeyPassword is '(hidden)'. It does not open");
        Has(new() { Certificate = "client.pfx", KeyPassword = "hunter2" }, "KeyPassword is '(hidden)'. It does not open");
        Has(new() { Certificate = "client.pfx" }, "KeyPassword is '(hidden)'. It does not open");
    }

    [Fact]
    public void An_untrusted_server_is_never_allowed_in_production()
    {
        Has(new() { AllowUntrusted = true }, "AllowUntrusted is 'true'. In the environment Production");
        Assert.Empty(Problems(new() { AllowUntrusted = true }, environment: "Development"));
    }

    [Fact]
    public void Contradictions_between_the_settings_and_the_address_are_refused()
    {
        Has(new() { Enabled = false }, new Uri("amqps://host"), "Enabled is false, and the address begins with amqps://");
        Has(new() { Enabled = true }, new Uri("amqp://host"), "Enabled is true, and the address begins with amqp://");
        Has(new() { CertificateAuthority = "ca.pem" }, new Uri("amqp://host"), "holds settings, and TLS is off.");
        Assert.Empty(Problems(new() { CertificateAuthority = "ca.pem" }, new Uri("amqps://host")));
        Assert.Empty(Problems(new(), new Uri("amqp://host")));
    }

    [Fact]
    public void A_single_value_in_the_place_of_the_group_is_told_what_has_become_of_it()
    {
        var problems = new SettingsProblems();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Bus:Test:Tls", "true")]).Build();

        SettingsBinder.Bind(configuration.GetSection("Bus:Test"), new Holder(), problems);

        Assert.StartsWith(
            "Bus:Test:Tls is 'a single value'. It was true or false in earlier versions. Set Enabled below it",
            Assert.Single(problems.All), StringComparison.Ordinal);
    }

    void Has(TlsSettings settings, params string[] parts) => Has(settings, null, parts);

    void Has(TlsSettings settings, Uri? address, params string[] parts)
    {
        settings.Enabled ??= address is null ? true : null;
        var problem = Assert.Single(Problems(settings, address));
        Assert.StartsWith("Bus:Test:Tls", problem, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, problem, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    IReadOnlyList<string> Problems(TlsSettings settings, Uri? address = null, string environment = "Production")
    {
        settings.Enabled ??= address is null ? true : null;
        var builder = ValidatedHost.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { EnvironmentName = environment, ContentRootPath = _folder.Path });
        var bus = new BusBuilder(builder.Services, builder.Configuration);
        bus.AddTls("Test:Tls", settings, address);
        return bus.Problems.All;
    }

    sealed class Holder
    {
        public TlsSettings Tls { get; set; } = new();
    }
}
