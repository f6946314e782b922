using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Ingress;

/// <summary>The settings of the section <c>Bus:Ingress</c>.</summary>
public sealed class IngressSettings : IValidatableObject
{
    /// <summary>The longest body of a webhook, in bytes; a longer one is refused with 413.</summary>
    /// <value>The default is 1048576, one mebibyte.</value>
    [Range(1024, 16 * 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 1024 to 16777216.")]
    public int MaxBodySize { get; set; } = 1024 * 1024;

    /// <summary>The most levels of objects and arrays that a webhook's JSON may have; a deeper one is refused with 400.</summary>
    /// <value>The default is 32, which is also the most that flows take.</value>
    [Range(4, JsonDoor.DefaultDepth, ErrorMessage = "Use a whole number of levels from 4 to 32.")]
    public int MaxDepth { get; set; } = JsonDoor.DefaultDepth;

    /// <summary>How long the broker may take to confirm a webhook before the sender is told to send it again.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The message priority by event type, from 0 (last) to 9 (first); 4 for an event type that is not listed.</summary>
    /// <value>The default is none.</value>
    public Dictionary<string, int> Priorities { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Who may send webhooks, by the name that <c>/webhooks/{provider}</c> is called with. Names are not case-sensitive.</summary>
    /// <value>The default is none.</value>
    public Dictionary<string, ProviderSettings> Providers { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (PublishTimeout < TimeSpan.FromMilliseconds(100) || PublishTimeout > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("Use a duration from 100ms to 1m, such as 5s.", [nameof(PublishTimeout)]);

        foreach (var (eventType, priority) in Priorities.Where(entry => entry.Value is < 0 or > MessagePriority.Highest))
            yield return new ValidationResult($"The priority of '{eventType}' is {priority}. Use a whole number from 0 to 9.");

        foreach (var problem in ProviderRules.OfNames(Providers.Keys))
            yield return new ValidationResult(problem);
    }
}
