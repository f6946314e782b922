namespace Maestro.Bus.Host.Tests;

/// <summary>The real process of the host with a key of each role and one of a single tenant.</summary>
sealed class FuzzHost : IAsyncDisposable
{
    static readonly string[] Roles = ["client", "reader", "operator", "admin"];

    readonly HostProcess _process = new(
    [
        "Bus:Access:FailedAttempts:Delay=100ms", "Bus:Access:FailedAttempts:PerMinute=10000",
        .. Roles.SelectMany(role => (string[])
        [
            $"Bus:Access:Keys:{role}:Key={Key(role)}", $"Bus:Access:Keys:{role}:Role={role}", $"Bus:Access:Keys:{role}:Tenants:0=*",
        ]),
        $"Bus:Access:Keys:acme:Key={Key("acme")}", "Bus:Access:Keys:acme:Role=client", "Bus:Access:Keys:acme:Tenants:0=acme",
    ]);

    public int Port => _process.Address.Port;

    /// <summary>The keys that callers may use.</summary>
    public IReadOnlyList<string> Keys { get; } = [.. Roles.Append("acme").Append("admin").Select(Key)];

    public bool HasExited => _process.HasExited;

    /// <summary>Everything that it has written, character by character.</summary>
    public string Output => _process.Output;

    /// <summary>Its resident set in megabytes.</summary>
    public long Resident => _process.Resident;

    public Task Ready() => _process.Ready();

    public async Task<bool> IsReady(HttpClient client, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(new Uri(_process.Address, "/health/ready"), cancellationToken);
        return response.IsSuccessStatusCode;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    static string Key(string name) => $"a-key-for-the-fuzz-of-{name}";
}
