using Microsoft.Extensions.Hosting;

namespace MaestroBus.Orchestration;

/// <summary>Loads the specifications of a folder: every <c>*.json</c> file in it holds one.</summary>
static class FlowSpecificationFiles
{
    public static FlowSpecifications Load(OrchestrationSettings settings, BusBuilder bus)
    {
        var root = (bus.Services.LastOrDefault(service =>
            service.ServiceType == typeof(IHostEnvironment))?.ImplementationInstance as IHostEnvironment)?.ContentRootPath;
        var folder = Path.GetFullPath(settings.Flows, root ?? AppContext.BaseDirectory);

        if (Directory.Exists(folder))
            return Load(folder, settings, bus.Problems);

        if (settings.Flows != OrchestrationSettings.DefaultFlows)
            bus.Problems.Add("Bus:Orchestration:Flows", settings.Flows, "Use a folder that exists, absolute or under the content root.");

        return new FlowSpecifications([]);
    }

    static FlowSpecifications Load(string folder, OrchestrationSettings settings, SettingsProblems problems)
    {
        var specifications = new Dictionary<string, (FlowSpecification Specification, string File)>();

        foreach (var path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var file = Path.GetFileName(path);
            var found = new FlowProblems();
            var specification = Read(path, settings, found);

            foreach (var (place, message) in found.All)
                problems.Add($"The flow file {file} is wrong at {place}: {message}");

            if (specification is not null && !specifications.TryAdd(specification.Id, (specification, file)))
                problems.Add(
                    $"The flow files {specifications[specification.Id].File} and {file} both hold '{specification.Id}'. Give each "
                        + "specification an id of its own.");
        }

        return new FlowSpecifications(specifications.Values.Select(entry => entry.Specification));
    }

    static FlowSpecification? Read(string path, OrchestrationSettings settings, FlowProblems problems)
    {
        if (new FileInfo(path).Length is var length && length > settings.MaxBodySize)
        {
            problems.Add("$", $"The file has {length} bytes. Use at most {settings.MaxBodySize}, or raise Bus:Orchestration:MaxBodySize.");
            return null;
        }

        return JsonShape.Parse(File.ReadAllBytes(path), settings.MaxDepth, problems) is { } json
            ? new FlowSpecificationReader(problems, settings).Read(json, "$")
            : null;
    }
}
