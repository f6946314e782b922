using System.Text.Json;
using MassTransit.Events;
using MassTransit.Serialization;

namespace MaestroBus.Jobs;

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
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidMessageException($"The job is null, and a {typeof(T).Name} was expected.");
        }
        catch (JsonException exception)
        {
            throw new InvalidMessageException($"The job is no {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    public static Dictionary<string, object> ToDictionary<T>(T value)
        where T : class =>
        Read<Dictionary<string, object>>(Write(value));

    public static ExceptionInfo Exceptions(JobRow job) =>
        job.Exceptions is { } json
            ? JsonSerializer.Deserialize<FaultExceptionInfo>(json, Options)!
            : new FaultExceptionInfo { ExceptionType = nameof(JobFaulted), Message = job.Reason ?? "The job has failed.", StackTrace = "", Source = job.Type };

    public static string Exceptions(Exception exception) => JsonSerializer.Serialize<ExceptionInfo>(new FaultExceptionInfo(exception), Options);
}
