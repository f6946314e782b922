using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Maestro.Bus.Messaging;

/// <summary>Sets the bounds of <c>Bus:Http</c> at the server and before the endpoints.</summary>
static class HttpBounds
{
    /// <summary>Reads the settings and registers what holds them.</summary>
    public static void Add(BusBuilder bus)
    {
        var settings = bus.AddSettings<HttpSettings>("Http");
        bus.Services.AddSingleton<ConnectionLimit>();
        bus.Services.AddSingleton<BodyRoom>();
        bus.Services.AddSingleton<IConnectionListenerFactory, BoundedTransport>();
        bus.Services.AddSingleton<IStartupFilter, RequestDoor>();
        CleanConsoleFormatter.Add(bus.Services);
        bus.Services.Configure<KestrelServerOptions>(kestrel => Apply(settings, kestrel));

        // What cannot be bound is answered by the door of the endpoint, with what is wrong, in every environment.
        bus.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        bus.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            // Also of names that differ in case only, which the door takes for two.
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
    }

    static void Apply(HttpSettings settings, KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;

        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = (long)settings.MaxBodySize + RequestDoor.Drained;
        limits.MaxRequestHeaderCount = settings.MaxHeaders * RequestDoor.Margin;
        limits.MaxRequestHeadersTotalSize = settings.MaxHeadersSize * RequestDoor.Margin;
        limits.MaxRequestLineSize = settings.MaxAddressSize * RequestDoor.Margin;
        limits.MaxRequestBufferSize = Math.Max(
            1024 * 1024, Math.Max(settings.MaxHeadersSize, settings.MaxAddressSize) * RequestDoor.Margin);
        limits.KeepAliveTimeout = settings.KeepAliveTimeout;
        limits.RequestHeadersTimeout = settings.HeadersTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(settings.MinDataRate, settings.DataRateGracePeriod);
        limits.MinResponseDataRate = new MinDataRate(settings.MinDataRate, settings.DataRateGracePeriod);
        limits.Http2.MaxStreamsPerConnection = settings.MaxStreams;
        limits.Http2.MaxRequestHeaderFieldSize = Math.Max(settings.MaxHeadersSize, settings.MaxAddressSize) * RequestDoor.Margin;
    }
}
