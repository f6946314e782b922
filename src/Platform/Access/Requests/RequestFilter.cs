using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;

namespace Maestro.Bus.Access;

/// <summary>
/// What every request passes before it is routed: the headers of trusted proxies, and answers to other origins' scripts if some are
/// configured.
/// </summary>
sealed class RequestFilter(TrustedProxies proxies, AccessSettings settings) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (proxies.Networks.Count > 0)
            UseProxies(app);

        if (settings.Origins.Count > 0)
            app.UseCors(cors => cors
                .WithOrigins([.. settings.Origins])
                .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete)
                .WithHeaders("Authorization", "Content-Type", CallerHandler.Header)
                .WithExposedHeaders("Location", "Retry-After"));

        next(app);
    };

    void UseProxies(IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            if (proxies.Include(context.Connection.RemoteIpAddress))
                context.Features.Set(ForwardedRequest.Mark);

            return next(context);
        });

        // The client is the last address that is not a proxy's; what it has written in front of it is not looked at.
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var network in proxies.Networks)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
