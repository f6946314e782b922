using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

public sealed class EndpointTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_of_a_domain_with_a_database_publishes_with_its_commit_and_others_publish_directly()
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(Databases.Sqlite().Append(new("urls", "http://127.0.0.1:0")));
        builder.Services.AddTestCaller();
        builder.Services.AddBus(builder.Configuration, [new ShopDomain()], []);
        await using var application = builder.Build();
        application.MapBus();
        application.MapPost("/street/{number:int}", (int number, IPublishEndpoint endpoint) => endpoint.Publish(new OrderPlaced(number)));
        await application.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        var received = application.Services.GetRequiredService<Received>();

        await Post("/shop/1/unsaved");
        await Post("/street/2");
        await received.Until(1);
        await Post("/shop/3");

        await received.Until(2);
        Assert.Equal([2, 3], received.Numbers);

        async Task Post(string path)
        {
            using var response = await client.PostAsync(path, null, Cancellation);
            response.EnsureSuccessStatusCode();
        }
    }
}
