using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>The settings of the section <c>Bus:Http</c>: the bounds of what callers may send, and of how slowly.</summary>
public sealed class HttpSettings : IValidatableObject
{
    static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>
    /// The longest body of a request, in bytes; a longer one is refused with 413. An endpoint may have a bound of its own.
    /// </summary>
    /// <value>The default is 1048576, one mebibyte.</value>
    [Range(1024, 64 * 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 1024 to 67108864.")]
    public int MaxBodySize { get; set; } = 1024 * 1024;

    /// <summary>
    /// The bytes that the bodies of all requests at a time may have together. A body that finds no room waits up to 5 seconds and is
    /// refused with 503 then; one of up to 16 KiB always finds room. Callers without an identity, such as webhooks, have half of it.
    /// </summary>
    /// <value>The default is 33554432, 32 mebibytes.</value>
    [Range(1024 * 1024, int.MaxValue, ErrorMessage = "Use a whole number of bytes from 1048576 to 2147483647.")]
    public int MaxBodiesSize { get; set; } = 32 * 1024 * 1024;

    /// <summary>The levels of objects and arrays that a JSON body may have; one that is deeper is refused with 400.</summary>
    /// <value>The default is 32.</value>
    [Range(4, 48, ErrorMessage = "Use a whole number from 4 to 48.")]
    public int MaxJsonDepth { get; set; } = 32;

    /// <summary>The longest address of a request, path and query together, in bytes as sent; a longer one is refused with 414.</summary>
    /// <value>The default is 8192.</value>
    [Range(1024, 256 * 1024, ErrorMessage = "Use a whole number of bytes from 1024 to 262144.")]
    public int MaxAddressSize { get; set; } = 8 * 1024;

    /// <summary>The number of header lines that a request may have; one with more is refused with 431.</summary>
    /// <value>The default is 100.</value>
    [Range(20, 1_000, ErrorMessage = "Use a whole number from 20 to 1000.")]
    public int MaxHeaders { get; set; } = 100;

    /// <summary>The size of all headers of a request, in bytes; larger ones are refused with 431.</summary>
    /// <value>The default is 32768.</value>
    [Range(4 * 1024, 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 4096 to 1048576.")]
    public int MaxHeadersSize { get; set; } = 32 * 1024;

    /// <summary>
    /// The number of connections at a time; further ones are closed at once. However large it is, callers get no more than half of the
    /// files that the process may have open and that nothing else of it uses.
    /// </summary>
    /// <value>The default is 10000; an idle connection takes about 20 kB.</value>
    [Range(1, 1_000_000, ErrorMessage = "Use a whole number from 1 to 1000000.")]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>The number of requests at a time on one HTTP/2 connection.</summary>
    /// <value>The default is 100.</value>
    [Range(1, 1_000, ErrorMessage = "Use a whole number from 1 to 1000.")]
    public int MaxStreams { get; set; } = 100;

    /// <summary>The time that a connection may be idle between two requests before it is closed.</summary>
    /// <value>The default is 2 minutes.</value>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The time that the headers of a request may take, from the first byte on; slower ones are refused with 408.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The bytes a second that a body, or the reading of an answer, must reach; a slower caller is disconnected, a body with 408.
    /// </summary>
    /// <value>The default is 240.</value>
    [Range(1, 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 1 to 1048576.")]
    public int MinDataRate { get; set; } = 240;

    /// <summary>The time from which on <see cref="MinDataRate"/> is required.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan DataRateGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time that a request of the administration may take; one that takes longer, such as a search in millions of dead letters, is
    /// refused with 400.
    /// </summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan MaxAnswerTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The size of an export, in bytes. It ends at this size, and its last line says where to go on.</summary>
    /// <value>The default is 268435456, 256 mebibytes.</value>
    [Range(1024, int.MaxValue, ErrorMessage = "Use a whole number of bytes from 1024 to 2147483647.")]
    public int MaxExportSize { get; set; } = 256 * 1024 * 1024;

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        foreach (var (name, timeout) in new[]
        {
            (nameof(KeepAliveTimeout), KeepAliveTimeout),
            (nameof(HeadersTimeout), HeadersTimeout),
            (nameof(MaxAnswerTime), MaxAnswerTime),
            // The server looks once a second.
            (nameof(DataRateGracePeriod), DataRateGracePeriod - ShortestTimeout),
        })
        {
            if (timeout < ShortestTimeout || timeout > LongestTimeout)
                yield return new ValidationResult(
                    name == nameof(DataRateGracePeriod)
                        ? "Use a duration from 2s to 1h, such as 5s."
                        : "Use a duration from 1s to 1h, such as 30s.",
                    [name]);
        }
    }
}
