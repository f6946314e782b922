using System.Text.Json.Serialization;

try
{
    var builder = BusApplication.CreateBuilder(args);

    builder.AddBus(typeof(Program).Assembly);
    builder.Services.AddProblemDetails();
    builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));

    var app = builder.Build();

    app.UseExceptionHandler();
    app.UseStatusCodePages();
    app.MapBus();

    await app.RunBusAsync(args);
    return 0;
}
catch (Exception exception) when (BusConfigurationException.In(exception) is { } problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
