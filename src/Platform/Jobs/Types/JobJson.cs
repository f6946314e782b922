using System.Text.Json;
using MassTransit.Events;
using MassTransit.Serialization;

namespace Maestro.Bus.Jobs;

/// <summary>Jobs, their properties and their state as JSON, in the way that messages are written.</summary>
static class JobJson
{
    static JsonSerializerOptions Options => SystemTextJsonMessageSerializer.Options;

    public static string Write<T>(T value)
        where T : class =>
        JsonSerializer.Serialize(value, Options);

    /// <exception cref="InvalidMessageException">The text is no such object.</exception>
    public static T Read<T>(string json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options)
                ?? throw new InvalidMessageException($"The job is null, and a {typeof(T).Name} was expected.");
        }
        catch (JsonException exception)
        {
            throw new InvalidMessageException($"The job is no {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    public static Dictionary<string, object> ToDictionary<T>(T value)
        where T : class =>
        Read<Dictionary<string, object>>(Write(value));

    /// <summary>Reads a job's properties; their names are the same in upper and lower case, as MassTransit has them.</summary>
    /// <returns>Null if the job has none.</returns>
    public static JobPropertyCollection? Properties(string? json)
    {
        if (json is null)
            return null;

        var properties = new JobPropertyCollection();
        properties.SetMany(Read<Dictionary<string, object>>(json)!);
        return properties;
    }

    public static ExceptionInfo Exceptions(JobRow job) =>
        job.Exceptions is { } json
            ? JsonSerializer.Deserialize<FaultExceptionInfo>(json, Options)!
            : new FaultExceptionInfo
            {
                ExceptionType = nameof(JobFaulted),
                Message = job.Reason ?? "The job has failed.",
                StackTrace = "",
                Source = job.Type,
            };

    public static string Exceptions(Exception exception) =>
        JsonSerializer.Serialize<ExceptionInfo>(new FaultExceptionInfo(exception), Options);
}
