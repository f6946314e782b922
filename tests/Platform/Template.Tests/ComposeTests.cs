using YamlDotNet.Serialization;

namespace Maestro.Bus.Template.Tests;

public sealed class ComposeTests(TemplatePackage package)
{
    [Fact]
    public async Task Every_server_is_pinned_checked_local_and_keeps_its_data()
    {
        using var bus = await package.Generate("Contoso.Messaging", "--transport", "rabbitmq", "--rider", "kafka");

        var compose = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<Compose>(bus.Read("compose.yml"));

        Assert.Equal("contoso-messaging", compose.Name);
        Assert.Equal(["kafka", "rabbitmq"], compose.Services.Keys.Order());
        Assert.All(compose.Services, entry =>
        {
            (var name, var service) = entry;
            Assert.Matches(@"^[a-z/]+:\d+\.\d+", service.Image);
            Assert.Equal("CMD", service.Healthcheck.Test[0]);
            Assert.NotEmpty(service.Ports);
            Assert.All(service.Ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
            Assert.Equal(name, Assert.Single(service.Volumes).Split(':')[0]);
            Assert.Contains(name, compose.Volumes.Keys);
        });
    }

    [Fact]
    public async Task What_watches_the_bus_is_laid_down_when_it_is_chosen_pinned_and_local()
    {
        using var bus = await package.Generate("Contoso.Messaging", "--samples", "none", "--deploy", "docker");

        var compose = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<Compose>(bus.Read("deploy/monitoring.yml"));

        Assert.Equal("contoso-messaging-monitoring", compose.Name);
        Assert.Equal(["grafana", "prometheus"], compose.Services.Keys.Order());
        Assert.All(compose.Services.Values, service =>
        {
            Assert.Matches(@"^[a-z/]+:v?\d+\.\d+\.\d+$", service.Image);
            Assert.All(service.Ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
            Assert.All(
                service.Volumes.Select(volume => volume.Split(':')[0]),
                source => Assert.True(source.StartsWith("./", StringComparison.Ordinal)
                    ? Directory.Exists(Path.Combine(bus.Root, "deploy", source))
                    : compose.Volumes.ContainsKey(source)));
        });
        Assert.Contains("deploy/prometheus/key", bus.Read(".gitignore"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_broker_s_credentials_are_the_ones_the_bus_uses_by_default()
    {
        using var bus = await package.Generate("Acme", "--transport", "rabbitmq");

        var compose = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<Compose>(bus.Read("compose.yml"));
        var environment = compose.Services["rabbitmq"].Environment;
        var settings = await File.ReadAllTextAsync(
            Path.Combine(TemplatePackage.Repository, "src/Platform/Transports.RabbitMq/RabbitMqSettings.cs"),
            TestContext.Current.CancellationToken);

        Assert.Contains($"Username {{ get; set; }} = \"{environment["RABBITMQ_DEFAULT_USER"]}\"", settings, StringComparison.Ordinal);
        Assert.Contains($"Password {{ get; set; }} = \"{environment["RABBITMQ_DEFAULT_PASS"]}\"", settings, StringComparison.Ordinal);
    }

    sealed class Compose
    {
        [YamlMember(Alias = "name")]
        public string Name { get; set; } = "";

        [YamlMember(Alias = "services")]
        public Dictionary<string, Service> Services { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public Dictionary<string, object?> Volumes { get; set; } = [];
    }

    sealed class Service
    {
        [YamlMember(Alias = "image")]
        public string Image { get; set; } = "";

        [YamlMember(Alias = "environment")]
        public Dictionary<string, string> Environment { get; set; } = [];

        [YamlMember(Alias = "ports")]
        public List<string> Ports { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public List<string> Volumes { get; set; } = [];

        [YamlMember(Alias = "healthcheck")]
        public Healthcheck Healthcheck { get; set; } = new();
    }

    sealed class Healthcheck
    {
        [YamlMember(Alias = "test")]
        public List<string> Test { get; set; } = [];
    }
}
