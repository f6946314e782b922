namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>An address of a broker, <c>amqp://user:password@host:port,host:port/vhost</c>. .NET's own addresses have one host.</summary>
/// <param name="IsTls">Whether its scheme is <c>amqps</c>.</param>
/// <param name="Username">The user's name; null if it names none.</param>
/// <param name="Password">The user's password; null if it has none.</param>
/// <param name="Nodes">The nodes, one at least.</param>
/// <param name="VirtualHost">The virtual host; null if it names none.</param>
sealed record BrokerUrl(bool IsTls, string? Username, string? Password, IReadOnlyList<BrokerNode> Nodes, string? VirtualHost)
{
    const string Shape = "use amqp://user:password@host:port/vhost, amqps:// for TLS, and commas between several nodes "
        + "(amqp://user:password@a:5672,b:5672/vhost)";

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="problem">What is wrong with it, and what would be right; null if nothing is.</param>
    /// <returns>The address; null if it is not valid.</returns>
    public static BrokerUrl? Parse(string text, out string? problem)
    {
        if (text.Split("://", 2) is not [var scheme, var rest])
            return Refuse($"It has no scheme; {Shape}.", out problem);

        var isTls = scheme.Equals("amqps", StringComparison.OrdinalIgnoreCase);
        if (!isTls && !scheme.Equals("amqp", StringComparison.OrdinalIgnoreCase))
            return Refuse($"Its scheme is {scheme}; {Shape}.", out problem);

        rest = rest.Split('?', '#')[0];
        var (authority, path) = rest.Split('/', 2) is [var before, var after] ? (before, after) : (rest, "");
        var at = authority.LastIndexOf('@');
        var user = at > 0 ? authority[..at].Split(':', 2) : [];
        var hosts = authority[(at + 1)..];

        if (hosts.Length == 0)
            return Refuse($"It names no host; {Shape}.", out problem);
        if (BrokerNode.ParseAll(hosts) is not { } nodes)
            return Refuse($"'{hosts}' is not a host, nor a list of them; {Shape}.", out problem);

        problem = null;
        return new BrokerUrl(isTls, Decoded(0), Decoded(1), nodes, path.Length > 0 ? Uri.UnescapeDataString(path) : null);

        string? Decoded(int part) => user.Length > part && (part > 0 || user[part].Length > 0) ? Uri.UnescapeDataString(user[part]) : null;
    }

    static BrokerUrl? Refuse(string what, out string? problem)
    {
        problem = what;
        return null;
    }
}
