namespace Maestro.Bus.Messaging;

/// <summary>
/// <c>describe</c>: prints how the bus is configured, and ends. The setting <c>format</c> chooses <c>yaml</c> (the default), <c>json</c> or
/// <c>asyncapi</c>.
/// </summary>
sealed class DescribeCommand(IServiceProvider services, IConfiguration configuration) : IBusCommand
{
    /// <summary>The argument that names it.</summary>
    public const string Argument = "describe";

    public string Name => Argument;

    public Task Run(CancellationToken cancellationToken)
    {
        // Not before: other commands need no bus.
        var description = ActivatorUtilities.CreateInstance<BusDescription>(services);
        return Console.Out.WriteAsync(configuration["format"]?.ToLowerInvariant() switch
        {
            null or "yaml" => DescriptionText.Of(description.Describe()),
            "json" => description.Describe().ToJsonString(DescriptionJson.Options) + '\n',
            "asyncapi" => AsyncApi.Of(description, services.GetRequiredService<TopicDeclarations>())
                .ToJsonString(DescriptionJson.Options) + '\n',
            var format => throw new BusConfigurationException(
                $"'{format}' is not a format of the command describe. Use --format yaml, --format json or --format asyncapi."),
        });
    }
}
