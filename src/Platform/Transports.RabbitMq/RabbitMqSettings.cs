using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>The settings of the section <c>Bus:RabbitMq</c>.</summary>
public sealed class RabbitMqSettings : IValidatableObject
{
    /// <summary>
    /// The broker's address, <c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c> for TLS; with several nodes
    /// <c>amqp://user:password@a:5672,b:5672/vhost</c>.
    /// What it leaves out is taken from the other settings.
    /// </summary>
    [Secret]
    public string? Url { get; set; }

    /// <summary>The broker's host name or address, or those of several nodes: <c>a,b:5673,[::1]:5672</c>.</summary>
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

    /// <summary>
    /// How the connection is encrypted. An <c>amqps</c> address is TLS on every port; with an <c>amqp</c> address TLS is refused.
    /// </summary>
    public TlsSettings Tls { get; set; } = new();

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
    /// How often a quorum queue delivers a message again that nobody acknowledges, as when each process dies of it, before the broker moves
    /// it to the dead letters; 0 for as often as the broker's own limit or policy says. What a stopping process or a lost connection gives
    /// back counts, too. A queue that exists must be deleted to change it.
    /// </summary>
    /// <value>The default is 50.</value>
    [Range(0, 1_000_000, ErrorMessage = "Use a whole number from 0 to 1000000; 0 leaves it to the broker.")]
    public int DeliveryLimit { get; set; } = 50;

    /// <summary>
    /// The state, as the refusal of a start names it, whose queues this host takes over because it is gone for good: its database was
    /// deleted, or another one has its place.
    /// </summary>
    public string? ReplacedState { get; set; }

    /// <summary>Whether the connection in force is encrypted.</summary>
    internal bool IsTls => Parsed?.IsTls ?? (Tls.Enabled == true);

    /// <summary>The broker's nodes in force.</summary>
    internal IReadOnlyList<BrokerNode> Nodes
    {
        get
        {
            var port = Port ?? (IsTls ? 5671 : 5672);
            return [.. (Parsed?.Nodes ?? BrokerNode.ParseAll(Host)!).Select(node => node with { Port = node.Port ?? port })];
        }
    }

    /// <summary>The nodes' host names; empty if they cannot be read.</summary>
    internal IEnumerable<string> Hosts => (Parsed?.Nodes ?? BrokerNode.ParseAll(Host) ?? []).Select(node => node.Host);

    /// <summary>
    /// The address in force, of the first node: <see cref="Url"/>, or what the other settings make of it; without credentials.
    /// </summary>
    internal Uri Address =>
        new($"{(IsTls ? "amqps" : "amqp")}://{Nodes[0]}/{Uri.EscapeDataString(Parsed?.VirtualHost ?? VirtualHost)}");

    /// <summary>What <see cref="Url"/> says about TLS; <c>null</c> if there is none, or it cannot be read.</summary>
    internal Uri? Scheme => Parsed is { } url ? new Uri(url.IsTls ? "amqps://broker/" : "amqp://broker/") : null;

    /// <summary>The user's name and password in force.</summary>
    internal (string Username, string Password) Credentials =>
        Parsed is { Username: { } name } url ? (name, url.Password ?? "") : (Username, Password);

    BrokerUrl? Parsed => string.IsNullOrEmpty(Url) ? null : BrokerUrl.Parse(Url, out _);

    /// <summary>
    /// What a queue is declared with. The broker takes a queue's second declaration only if it says the same as the first.
    /// </summary>
    internal IReadOnlyDictionary<string, object> ArgumentsOf(string queue) => QueueArguments.Of(queue, QueueType, DeliveryLimit);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Url) && BrokerUrl.Parse(Url, out var problem) is null)
            yield return new ValidationResult(problem, [nameof(Url)]);

        if (Host is { Length: > 0 } && BrokerNode.ParseAll(Host) is null)
            yield return new ValidationResult(
                "Use a host name or an IP address, with a port where it is not the usual one, or several of them: "
                + "rabbit-1,rabbit-2:5673,[::1]:5672.",
                [nameof(Host)]);

        if (Heartbeat < TimeSpan.FromSeconds(1) || Heartbeat > TimeSpan.FromMinutes(10))
            yield return new ValidationResult("Use a duration from 1s to 10m.", [nameof(Heartbeat)]);
    }
}
