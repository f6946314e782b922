using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>The settings of the section <c>Bus:RabbitMq</c>.</summary>
public sealed class RabbitMqSettings : IValidatableObject
{
    /// <summary>The broker's address, <c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c> for TLS. What it leaves out is taken from the other settings.</summary>
    [Secret]
    public Uri? Url { get; set; }

    /// <summary>The broker's host name.</summary>
    /// <value>The default is <c>localhost</c>.</value>
    [Required(ErrorMessage = "Name the broker's host.")]
    public string Host { get; set; } = "localhost";

    /// <summary>The broker's port.</summary>
    /// <value>The default is 5672, or 5671 with TLS.</value>
    [Range(1, 65_535, ErrorMessage = "Use a port number from 1 to 65535.")]
    public int? Port { get; set; }

    /// <summary>The virtual host.</summary>
    /// <value>The default is <c>/</c>.</value>
    [Required(ErrorMessage = "Name the virtual host, such as /.")]
    public string VirtualHost { get; set; } = "/";

    /// <summary>The user's name.</summary>
    /// <value>The default is <c>guest</c>.</value>
    public string Username { get; set; } = "guest";

    /// <summary>The user's password.</summary>
    /// <value>The default is <c>guest</c>.</value>
    [Secret]
    public string Password { get; set; } = "guest";

    /// <summary>Whether the connection is encrypted.</summary>
    /// <value>The default is <c>false</c>, or <c>true</c> for an <c>amqps</c> address.</value>
    public bool Tls { get; set; }

    /// <summary>What the connection is called in the broker's own listings.</summary>
    /// <value>The default is the host's assembly name and the machine's name.</value>
    public string? ConnectionName { get; set; }

    /// <summary>How often client and broker tell each other that they live; a dead peer is noticed within twice this time.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The kind of queue that is declared.</summary>
    /// <value>The default is <see cref="RabbitMqQueueType.Quorum"/>.</value>
    public RabbitMqQueueType QueueType { get; set; } = RabbitMqQueueType.Quorum;

    /// <summary>
    /// How often a quorum queue delivers a message again that nobody acknowledges, as when each process dies of it, before the broker moves it to the dead letters; 0 for as often
    /// as the broker's own limit or policy says. What a stopping process or a lost connection gives back counts, too. A queue that exists must be deleted to change it.
    /// </summary>
    /// <value>The default is 50.</value>
    [Range(0, 1_000_000, ErrorMessage = "Use a whole number from 0 to 1000000; 0 leaves it to the broker.")]
    public int DeliveryLimit { get; set; } = 50;

    /// <summary>The address in force: <see cref="Url"/>, or what the other settings make of it; without credentials.</summary>
    internal Uri Address
    {
        get
        {
            var tls = Url is null ? Tls : Url.Scheme == "amqps";
            var port = Url is { Port: > 0 } ? Url.Port : Port ?? (tls ? 5671 : 5672);
            var virtualHost = Url is { AbsolutePath.Length: > 1 } ? Url.AbsolutePath[1..] : Uri.EscapeDataString(VirtualHost);
            return new Uri($"{(tls ? "amqps" : "amqp")}://{Url?.Host ?? Host}:{port}/{virtualHost}");
        }
    }

    /// <summary>The user's name and password in force.</summary>
    internal (string Username, string Password) Credentials =>
        Url?.UserInfo.Split(':', 2) is [{ Length: > 0 } name, ..] parts
            ? (Uri.UnescapeDataString(name), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "")
            : (Username, Password);

    /// <summary>What a queue is declared with. The broker takes a queue's second declaration only if it says the same as the first.</summary>
    internal IReadOnlyDictionary<string, object> ArgumentsOf(string queue) => QueueArguments.Of(queue, QueueType, DeliveryLimit);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Url is not null && Url.Scheme is not ("amqp" or "amqps"))
            yield return new ValidationResult(
                $"Its scheme is {Url.Scheme}; use amqp://user:password@host/vhost, or amqps:// for TLS.", [nameof(Url)]);

        else if (Url is { Host: "" })
            yield return new ValidationResult("It names no host; use amqp://user:password@host/vhost.", [nameof(Url)]);

        if (Heartbeat < TimeSpan.FromSeconds(1) || Heartbeat > TimeSpan.FromMinutes(10))
            yield return new ValidationResult("Use a duration from 1s to 10m.", [nameof(Heartbeat)]);
    }
}
