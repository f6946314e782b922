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

    /// <summary>
    /// The most levels of objects and arrays that the JSON of a request, a specification file, a trigger, a step's input or a step's
    /// result may have.
    /// </summary>
    /// <value>The default is 32, which every webhook has at most.</value>
    [Range(JsonDoor.DefaultDepth, 48, ErrorMessage = "Use a whole number of levels from 32 to 48.")]
    public int MaxDepth { get; set; } = JsonDoor.DefaultDepth;

    /// <summary>The most steps of a specification.</summary>
    /// <value>The default is 100.</value>
    [Range(1, 1000, ErrorMessage = "Use a whole number of steps from 1 to 1000.")]
    public int MaxSteps { get; set; } = 100;

    /// <summary>The most bindings of a specification.</summary>
    /// <value>The default is 500.</value>
    [Range(0, 10_000, ErrorMessage = "Use a whole number of bindings from 0 to 10000.")]
    public int MaxBindings { get; set; } = 500;

    /// <summary>The longest <c>text</c>, <c>from</c> or <c>to</c> of a binding, in characters.</summary>
    /// <value>The default is 16384.</value>
    [Range(64, 1024 * 1024, ErrorMessage = "Use a whole number of characters from 64 to 1048576.")]
    public int MaxTextLength { get; set; } = 16 * 1024;

    /// <summary>The most paths in braces within one binding's <c>text</c>.</summary>
    /// <value>The default is 100.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number of paths from 1 to 10000.")]
    public int MaxTextPaths { get; set; } = 100;

    /// <summary>
    /// The largest input of a step with everything that its bindings put into it, in characters. It is counted while the input is put
    /// together, which stops at the limit: the flow fails.
    /// </summary>
    /// <value>The default is 1048576.</value>
    [Range(1024, 16 * 1024 * 1024, ErrorMessage = "Use a whole number of characters from 1024 to 16777216.")]
    public int MaxInputSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// The most that a flow may keep: its specification, its trigger and its steps' results together, in characters. A larger flow fails.
    /// </summary>
    /// <value>The default is 4194304.</value>
    [Range(16 * 1024, 64 * 1024 * 1024, ErrorMessage = "Use a whole number of characters from 16384 to 67108864.")]
    public int MaxStateSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>How often flows are looked for whose step nothing comes of.</summary>
    /// <value>The default is 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After how long a flow whose step nothing comes of is reported in the log: what the step needs may be away.</summary>
    /// <value>The default is 1 hour. A dependency may ask for as long with <c>Retry-After</c>.</value>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan SilentAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// After how long a flow whose step nothing comes of fails, as its message must have been lost. An answer that comes later lets the
    /// flow go on. Set it to longer than outages and paused queues last.
    /// </summary>
    /// <value>The default is 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan FailAfter { get; set; } = TimeSpan.FromDays(1);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (PublishTimeout <= TimeSpan.Zero || PublishTimeout > TimeSpan.FromMinutes(5))
            yield return new ValidationResult("Use a duration over 0s and up to 5m, such as 5s.", [nameof(PublishTimeout)]);

        if (FailAfter < SilentAfter)
            yield return new ValidationResult($"Use a duration of at least SilentAfter, which is {SilentAfter}.", [nameof(FailAfter)]);
    }
}
