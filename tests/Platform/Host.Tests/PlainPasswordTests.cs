using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Host.Tests;

/// <summary>Where Production warns that a password or key leaves the machine unencrypted, by the whole host's settings.</summary>
public sealed class PlainPasswordTests
{
    const string Elsewhere = "203.0.113.7";
    const string Postgres = "Bus:Database:Provider=postgresql";
    const string Login = "Username=bus;Password=secret";

    public static TheoryData<string, string[]> Plain => new()
    {
        { "RabbitMQ", ["Bus:Transport=rabbitmq", $"Bus:RabbitMq:Host={Elsewhere}"] },
        { "RabbitMQ", ["Bus:Transport=rabbitmq", $"Bus:RabbitMq:Url=amqp://bus:secret@localhost,{Elsewhere}/"] },
        { "PostgreSQL", [Postgres, $"Bus:Database:ConnectionString=Host={Elsewhere};{Login}"] },
        { "PostgreSQL", [Postgres, $"Bus:Database:ConnectionString=Host=localhost,{Elsewhere}:5433;{Login};SSL Mode=Disable"] },
        {
            "the mail server of Bus:Notifications:Email",
            [
                $"Bus:Notifications:Email:Host={Elsewhere}", "Bus:Notifications:Email:From=bus@example.com",
                "Bus:Notifications:Email:Username=bus", "Bus:Notifications:Email:Password=secret", "Bus:Notifications:Email:Security=None",
            ]
        },
        {
            "the API 'shop'",
            [$"Bus:Integration:Addresses:shop:BaseAddress=http://{Elsewhere}/", "Bus:Integration:Addresses:shop:ApiKey=a-long-secret"]
        },
        {
            "the SMS provider",
            [$"Bus:Notifications:Sms:Url=http://{Elsewhere}/", "Bus:Notifications:Sms:From=Bus", "Bus:Notifications:Sms:Token=secret-token"]
        },
    };

    public static TheoryData<string, string[]> Sound => new()
    {
        { "RabbitMQ of this machine", ["Bus:Transport=rabbitmq", "Bus:RabbitMq:Host=localhost,127.0.0.1,[::1]:5672"] },
        { "RabbitMQ with TLS", ["Bus:Transport=rabbitmq", $"Bus:RabbitMq:Url=amqps://bus:secret@{Elsewhere}/"] },
        { "PostgreSQL's socket", [Postgres, $"Bus:Database:ConnectionString=Host=/run/postgresql;{Login}"] },
        { "PostgreSQL that must have TLS", [Postgres, $"Bus:Database:ConnectionString=Host={Elsewhere};{Login};SSL Mode=VerifyFull"] },
        { "PostgreSQL with TLS", [Postgres, $"Bus:Database:ConnectionString=Host={Elsewhere};{Login}", "Bus:Database:Tls:Enabled=true"] },
        { "mail without a login", [$"Bus:Notifications:Email:Host={Elsewhere}", "Bus:Notifications:Email:From=bus@example.com"] },
        {
            "mail with a login, which demands TLS",
            [
                $"Bus:Notifications:Email:Host={Elsewhere}", "Bus:Notifications:Email:From=bus@example.com",
                "Bus:Notifications:Email:Username=bus", "Bus:Notifications:Email:Password=secret",
            ]
        },
        {
            "an https API",
            [$"Bus:Integration:Addresses:shop:BaseAddress=https://{Elsewhere}/", "Bus:Integration:Addresses:shop:ApiKey=a-long-secret"]
        },
        { "an API without a key", [$"Bus:Integration:Addresses:shop:BaseAddress=http://{Elsewhere}/"] },
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task Production_warns_of_a_password_that_leaves_the_machine_unencrypted(string server, string[] settings)
    {
        var warning = Assert.Single(await Warnings("Production", settings));

        Assert.StartsWith($"The password or key for {server} can be read on its way to {Elsewhere}: ", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warning, StringComparison.Ordinal);
        Assert.Empty(await Warnings("Development", settings));
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public async Task Production_does_not_warn_of_encrypted_connections_and_those_to_this_machine(string what, string[] settings) =>
        Assert.True(await Warnings("Production", settings) is [], what);

    [Fact]
    public async Task Production_warns_of_a_login_at_Kafka_without_TLS()
    {
        Assert.SkipUnless(
            typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(part => part.Key == "BusRider"),
            "This host has no rider for Kafka.");
        string[] settings = [$"Bus:Kafka:BootstrapServers=localhost:9092,{Elsewhere}:9092"];

        Assert.Empty(await Warnings("Production", settings));
        await Production_warns_of_a_password_that_leaves_the_machine_unencrypted(
            "Kafka",
            [.. settings, "Bus:Kafka:Security:Mechanism=Plain", "Bus:Kafka:Security:Username=bus", "Bus:Kafka:Security:Password=secret"]);
    }

    static async Task<IReadOnlyList<string>> Warnings(string environment, string[] settings)
    {
        using var folder = new TemporaryFolder();
        using var log = new LogLines();
        var options = new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = folder.Path };
        var builder = ValidatedHost.CreateWebBuilder(options);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration.AddInMemoryCollection(
            settings.Prepend("Bus:Transport=memory")
                .Select(setting => setting.Split('=', 2))
                .GroupBy(pair => pair[0], (name, pairs) => KeyValuePair.Create<string, string?>(name, pairs.Last()[1])));
        builder.AddBus(typeof(Program).Assembly);
        await using var host = builder.Build();

        var warning = host.Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "PlainPasswordWarning");
        await warning.StartAsync(Cancellation);

        return log.Of(LogLevel.Warning).Where(line => line.Contains("not encrypted", StringComparison.Ordinal)).ToList();
    }
}
