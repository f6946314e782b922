using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Orchestration;

/// <summary>The settings of the section <c>Bus:Orchestration</c>.</summary>
public sealed class OrchestrationSettings : IValidatableObject
{
    internal const string DefaultFlows = "flows";

    /// <summary>The folder of the flow specifications, read at start: absolute, or under the content root.</summary>
    /// <value>The default is <c>flows</c>, which need not exist.</value>
    [Required(AllowEmptyStrings = false, ErrorMessage = "Use a folder, such as flows.")]
    public string Flows { get; set; } = DefaultFlows;

    /// <summary>How long <c>POST /flows</c> waits for the database to take the flow, before it answers 503.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest body of <c>POST /flows</c>, in bytes; a longer one is refused with 413.</summary>
    /// <value>The default is 1048576, one mebibyte.</value>
    [Range(1024, 16 * 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 1024 to 16777216.")]
    public int MaxBodySize { get; set; } = 1024 * 1024;

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (PublishTimeout <= TimeSpan.Zero || PublishTimeout > TimeSpan.FromMinutes(5))
            yield return new ValidationResult("Use a duration over 0s and up to 5m, such as 5s.", [nameof(PublishTimeout)]);
    }
}
