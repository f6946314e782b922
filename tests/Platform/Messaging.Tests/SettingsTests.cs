using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Messaging.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Every_kind_of_value_is_laid_over_its_default()
    {
        var settings = new Sample();

        var problems = Bind(settings, new()
        {
            ["Bus:Sample:Count"] = "7",
            ["Bus:Sample:Limit"] = "3",
            ["Bus:Sample:Wait"] = "250ms",
            ["Bus:Sample:Url"] = "https://example.com/x",
            ["Bus:Sample:Kind"] = "two",
            ["Bus:Sample:On"] = "true",
            ["Bus:Sample:Inner:Name"] = "inner",
            ["Bus:Sample:Names:0"] = "a",
            ["Bus:Sample:Names:1"] = "b",
            ["Bus:Sample:Parts:x:Name"] = "part",
            ["Bus:Sample:Numbers:y"] = "5",
        });

        Assert.Empty(problems);
        Assert.Equal(
            (7, 3, 250, Kind.Two, true), (settings.Count, settings.Limit, settings.Wait.TotalMilliseconds, settings.Kind, settings.On));
        Assert.Equal("https://example.com/x", settings.Url?.ToString());
        Assert.Equal("inner", settings.Inner.Name);
        Assert.Equal(["a", "b"], settings.Names);
        Assert.Equal("part", settings.Parts["X"].Name);
        Assert.Equal(5, settings.Numbers["y"]);
    }

    [Fact]
    public void Every_problem_is_listed_at_once_with_what_was_held_and_what_would_be_right()
    {
        var problems = Bind(new Sample(), new()
        {
            ["Bus:Sample:Count"] = "many",
            ["Bus:Sample:Limit"] = "0",
            ["Bus:Sample:Wait"] = "5",
            ["Bus:Sample:Url"] = "nowhere",
            ["Bus:Sample:Kind"] = "three",
            ["Bus:Sample:On"] = "maybe",
            ["Bus:Sample:Inner:Nmae"] = "typo",
            ["Bus:Sample:Key"] = "hunter2",
            ["Bus:Sample:Kind2:x"] = "y",
            ["Bus:Sample:Parts:x"] = "hunter2",
        });

        Assert.Equal(
            [
                "Bus:Sample:Count is 'many'. Use a whole number.",
                "Bus:Sample:Inner:Nmae is not a setting. Did you mean Name? Bus:Sample:Inner knows Name.",
                "Bus:Sample:Key is '(hidden)'. Use at least 16 characters.",
                "Bus:Sample:Kind is 'three'. Use one of One, Two.",
                "Bus:Sample:Kind2 is not a setting. Did you mean Kind? "
                    + "Bus:Sample knows Count, Limit, Wait, Url, Kind, On, Key, Inner, Names, Parts, Numbers.",
                "Bus:Sample:Limit is '0'. Use 1 to 9.",
                "Bus:Sample:On is 'maybe'. Use true or false.",
                "Bus:Sample:Parts:x is 'a single value'. Use a group of settings.",
                "Bus:Sample:Url is 'nowhere'. Use an absolute address, such as https://example.com/path or "
                    + "amqp://user:password@example.com:5672/vhost.",
                "Bus:Sample:Wait is '5'. Use a duration such as 250ms, 5s, 2m, 1h or 00:00:05.",
            ],
            problems.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_group_where_a_value_belongs_is_refused()
    {
        var problems = Bind(new Sample(), new() { ["Bus:Sample:Count:x"] = "1" });

        Assert.Equal(["Bus:Sample:Count is 'a group of settings'. Use a whole number."], problems);
    }

    [Fact]
    public void A_transport_is_required()
    {
        var exception = Assert.Throws<BusConfigurationException>(
            () => new ServiceCollection().AddBus(Configuration([]), [new ProbeDomain()], []));

        Assert.Contains("Bus:Transport is not set. Use one of memory.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_names_all_that_is_wrong_in_one_message()
    {
        var services = new ServiceCollection();
        var configuration = Configuration(new()
        {
            ["Bus:Transport"] = "pigeon",
            ["Bus:Attempts"] = "0",
            ["Bus:Queues:probe:Concurrency"] = "-1",
            ["Bus:Qeues:x"] = "y",
        });

        var exception = Assert.Throws<BusConfigurationException>(
            () => services.AddBus(configuration, [new ProbeDomain()], []));

        Assert.StartsWith("The bus cannot start: 4 settings are wrong.", exception.Message);
        Assert.Contains("Bus:Transport is 'pigeon'. Use one of memory.", exception.Message);
        Assert.Contains("Bus:Attempts is '0'. Use a whole number from 1 to 100; 1 means no retry.", exception.Message);
        Assert.Contains("Bus:Queues:probe:Concurrency is '-1'. Use a whole number from 1 to 10000.", exception.Message);
        Assert.Contains("Bus:Qeues is not a setting. Did you mean Queues? Bus knows Transport, ", exception.Message);
        Assert.Contains(", Queues, ", exception.Message);
        Assert.DoesNotContain(services, service => service.ServiceType == typeof(IBusControl));
    }

    [Fact]
    public void A_single_value_in_the_place_of_a_list_or_of_several_settings_is_a_problem()
    {
        var settings = new Sample();

        var problems = Bind(settings, new() { ["Bus:Sample:Names"] = "hunter2", ["Bus:Sample:Numbers"] = "5", ["Bus:Sample:Parts"] = "" });

        Assert.Equal(
            [
                "Bus:Sample:Names is 'a single value'. Use a list: Bus:Sample:Names:0, Bus:Sample:Names:1 and so on.",
                "Bus:Sample:Numbers is 'a single value'. Use a group of settings.",
            ],
            problems);
    }

    static List<string> Bind(object settings, Dictionary<string, string?> values)
    {
        var problems = new SettingsProblems();
        SettingsBinder.Bind(Configuration(values).GetSection("Bus:Sample"), settings, problems);

        var message = Record.Exception(problems.ThrowIfAny)?.Message ?? "";
        return [.. message.Split(Environment.NewLine).Skip(1).Select(line => line["  - ".Length..])];
    }

    static IConfiguration Configuration(Dictionary<string, string?> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values).Build();

    enum Kind
    {
        One,
        Two,
    }

    sealed class Sample
    {
        public int Count { get; set; } = 1;

        [Range(1, 9, ErrorMessage = "Use 1 to 9.")]
        public int? Limit { get; set; }

        public TimeSpan Wait { get; set; }

        public Uri? Url { get; set; }

        public Kind Kind { get; set; }

        public bool On { get; set; }

        [Secret]
        [MinLength(16, ErrorMessage = "Use at least 16 characters.")]
        public string? Key { get; set; }

        public Part Inner { get; set; } = new();

        public List<string> Names { get; set; } = [];

        public Dictionary<string, Part> Parts { get; set; } = [];

        public Dictionary<string, int> Numbers { get; set; } = [];
    }

    sealed class Part
    {
        public string Name { get; set; } = "";
    }
}
