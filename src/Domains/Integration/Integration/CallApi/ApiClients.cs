namespace MaestroBus.Integration;

static class ApiClients
{
    public const string Prefix = "integration:";

    /// <summary>Adds the HTTP client of one API.</summary>
    public static void AddApiClient(this BusBuilder bus, string name, AddressSettings settings)
    {
        var hasKey = settings.Headers.Count > 0 || (settings.ApiKey ?? settings.KeyFile) is not null;
        if (hasKey && settings.BaseAddress is { Scheme: "http" } address)
            bus.NotePlainPassword(
                $"the API '{name}'", [address.Host], $"Set Bus:Integration:Addresses:{name}:BaseAddress to an https:// address");

        bus.AddOutgoingHttpClient(Prefix + name, settings.BaseAddress, $"Integration:Addresses:{name}:Tls", settings.Tls);
    }
}
