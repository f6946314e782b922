using System.Net;
using System.Text.Json;

namespace MaestroBus.Ingress.Tests;

public sealed class SamplesTests
{
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "samples");

    static readonly JsonElement Samples = JsonElement.Parse(File.ReadAllText(Path.Combine(Folder, "webhooks.json")));

    public static TheoryData<string, string, string, string> Expected => new()
    {
        { "github-push.json", "webhook-5b2f6c1e-7d0a-4c55-9a3e-0f6d1a7c2e41", "push", "acme" },
        { "github-issues-opened.json", "webhook-c83d0e92-1f47-4b6b-8d2c-64a9b0f3e715", "issues", "acme" },
        { "stripe-invoice-paid.json", "webhook-evt_1TacmeInvoicePaid", "invoice.paid", "acme" },
        { "order-placed.json", "webhook-ord-2026-000417", "order.placed", "globex" },
    };

    [Theory, MemberData(nameof(Expected))]
    public async Task A_sample_is_taken_with_the_settings_for_development(string file, string webhookId, string eventType, string tenantId)
    {
        var settings = new ConfigurationBuilder().AddJsonFile(Path.Combine(Folder, "settings", "appsettings.Development.json")).Build();
        await using var host = await IngressHost.Start(
            settings.AsEnumerable().Where(pair => pair.Value is not null), replace: true);
        var sample = Samples.EnumerateArray().Single(sample => sample.GetProperty("file").GetString() == file);
        var provider = sample.GetProperty("provider").GetString()!;
        var body = File.ReadAllText(Path.Combine(Folder, file));
        var secret = settings[$"Bus:Ingress:Providers:{provider}:Secret"]!;
        var signature = provider switch
        {
            "github" => ("X-Hub-Signature-256", $"sha256={Signed.Hex(secret, body)}"),
            "stripe" => Signed.ByStripe(body, secret: secret).Single(),
            _ => ("X-Signature", Signed.Hex(secret, body)),
        };

        var answer = await host.Post(provider, body,
            [signature, .. sample.GetProperty("headers").EnumerateObject().Select(header => (header.Name, header.Value.GetString()!))]);

        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.Text);
        await host.Bus.UntilPublished<WebhookAccepted>(TestContext.Current.CancellationToken);
        var accepted = host.Bus.Published.Select<WebhookAccepted>(TestContext.Current.CancellationToken).Single().Context.Message;
        Assert.Equal(
            (webhookId, provider, eventType, tenantId), (accepted.WebhookId, accepted.Provider, accepted.EventType, accepted.TenantId));
    }

    [Fact]
    public void Every_sample_is_listed_and_tried() =>
        Assert.Equal(
            Directory.GetFiles(Folder, "*.json").Select(Path.GetFileName).Where(name => name != "webhooks.json").Order(),
            Samples.EnumerateArray().Select(sample => sample.GetProperty("file").GetString()).Order());
}
