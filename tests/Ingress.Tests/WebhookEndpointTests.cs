using System.Net;
using System.Text;

namespace MaestroBus.Ingress.Tests;

public sealed class WebhookEndpointTests : IAsyncLifetime
{
    const string Order = """{ "id": "o-1", "type": "order.placed" }""";

    IngressHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IngressHost.Start();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_genuine_webhook_is_published_and_answered_with_its_ids()
    {
        const string body = """{ "ref": "refs/heads/main", "text": "ü 📦 \ud83d\udce6 \n" }""";

        var answer = await _host.Post("github", body, Signed.ByGitHub(body));

        var messageId = DeterministicId.Of("webhook", "acme", "github", "d-1");
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal($"/journeys/{messageId}", answer.Headers.Location?.OriginalString);
        Assert.Equal(
            $$"""{"messageId":"{{messageId}}","webhookId":"webhook-d-1","journey":"/journeys/{{messageId}}"}""",
            answer.Text);

        var published = await Published<AcceptWebhook>();
        Assert.Equal(messageId, published.MessageId);
        Assert.Equal(messageId, published.ConversationId);
        Assert.Equal("acme", published.SentTenant());
        Assert.Equal(7, published.SentPriority());
        Assert.Equal(("webhook-d-1", "github", "push", "acme", Clock.Now),
            (published.Message.WebhookId, published.Message.Provider, published.Message.EventType, published.Message.TenantId,
                published.Message.ReceivedAt));
        Assert.Equal("ü 📦 📦 \n", published.Message.Payload.GetProperty("text").GetString());

        var announced = await Published<WebhookAccepted>();
        Assert.Equal(messageId, announced.ConversationId);
        Assert.Equal("acme", announced.SentTenant());
        Assert.Equal(7, announced.SentPriority());
        Assert.Equal("ü 📦 📦 \n", announced.Message.Payload.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_repeated_delivery_gets_the_same_ids_and_the_name_s_case_does_not_matter()
    {
        var first = await _host.Post("github", "{}", Signed.ByGitHub("{}"));
        var second = await _host.Post("GITHUB", "{}", Signed.ByGitHub("{}"));

        Assert.Equal(HttpStatusCode.Accepted, second.Status);
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task The_same_event_id_of_two_tenants_is_two_events()
    {
        var acme = await _host.Post("github", "{}", [.. Signed.ByGitHub("{}"), ("X-Tenant", "acme"), IngressHost.ThroughProxy]);
        var globex = await _host.Post("github", "{}", [.. Signed.ByGitHub("{}"), ("X-Tenant", "globex"), IngressHost.ThroughProxy]);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (acme.Status, globex.Status));
        Assert.Equal(acme.Json.GetProperty("webhookId").GetString(), globex.Json.GetProperty("webhookId").GetString());
        Assert.NotEqual(acme.Json.GetProperty("messageId").GetGuid(), globex.Json.GetProperty("messageId").GetGuid());
        Assert.NotEqual(acme.Json.GetProperty("journey").GetString(), globex.Json.GetProperty("journey").GetString());
    }

    [Fact]
    public async Task Stripe_tells_id_and_type_in_the_body_and_an_unlisted_type_has_the_middle_priority()
    {
        const string body = """{ "id": "evt_1", "type": "invoice.paid" }""";

        var answer = await _host.Post("stripe", body, Signed.ByStripe(body));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        var published = await Published<AcceptWebhook>();
        Assert.Equal(("webhook-evt_1", "invoice.paid", "initech"),
            (published.Message.WebhookId, published.Message.EventType, published.Message.TenantId));
        Assert.Equal(4, published.SentPriority());
    }

    [Fact]
    public async Task A_generic_provider_tells_id_and_type_in_headers_unless_told_otherwise()
    {
        var answer = await _host.Post(
            "plain", "{}", ("X-Signature", Signed.Hex(Signed.OrdersSecret, "{}")), ("X-Event-Id", "e 1"), ("X-Event-Type", "door.opened"));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("webhook-e 1", (await Published<AcceptWebhook>()).Message.WebhookId);
    }

    [Fact]
    public async Task A_number_in_the_body_can_be_the_event_s_id()
    {
        const string body = """{ "id": 12345, "type": "order.placed" }""";

        Assert.Equal("webhook-12345", (await _host.Post("orders", body, Signed.ByOrders(body))).Json.GetProperty("webhookId").GetString());
    }

    [Theory]
    [InlineData(Signed.GitHubSecret, HttpStatusCode.Accepted)]
    [InlineData(Signed.PreviousSecret, HttpStatusCode.Accepted)]
    [InlineData("a secret of nobody's", HttpStatusCode.Unauthorized)]
    public async Task While_a_secret_is_being_changed_the_previous_one_is_taken_too(string secret, HttpStatusCode expected) =>
        Assert.Equal(expected, (await _host.Post("github", "{}", Signed.ByGitHub("{}", secret: secret))).Status);

    [Theory]
    [InlineData("globex", "globex")]
    [InlineData(null, "acme")]
    public async Task A_tenant_named_by_the_gateway_goes_before_the_provider_s_own(string? named, string expected)
    {
        (string, string)[] header = named is null ? [] : [("X-Tenant", named), IngressHost.ThroughProxy];

        await _host.Post("github", "{}", [.. Signed.ByGitHub("{}"), .. header]);

        var published = await Published<AcceptWebhook>();
        Assert.Equal(expected, published.Message.TenantId);
        Assert.Equal(expected, published.SentTenant());
    }

    [Fact]
    public async Task An_unknown_provider_is_not_found() =>
        (await _host.Post("gitlab", "not json", [])).MustBeProblem(HttpStatusCode.NotFound, "No webhooks are taken under this name.");

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    public async Task What_is_not_sent_as_JSON_is_refused(string contentType) =>
        (await _host.Post("orders", Encoding.UTF8.GetBytes(Order), Signed.ByOrders(Order), contentType))
            .MustBeProblem(HttpStatusCode.UnsupportedMediaType, "Content-Type is not JSON");

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/cloudevents+json")]
    public async Task Every_kind_of_JSON_is_taken(string contentType) =>
        Assert.Equal(HttpStatusCode.Accepted,
            (await _host.Post("orders", Encoding.UTF8.GetBytes(Order), Signed.ByOrders(Order), contentType)).Status);

    [Theory]
    [InlineData("utf-16", "utf-16", false)]
    [InlineData("utf-16", null, true)]
    [InlineData("iso-8859-1", "\"ISO-8859-1\"", false)]
    [InlineData("windows-1252", "windows-1252", false)]
    public async Task A_webhook_is_read_in_its_charset_and_signed_as_it_came(string encoding, string? charset, bool hasMark)
    {
        const string order = """{"id":"o-9","type":"order.created","city":"Ærø"}""";
        var text = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding);
        byte[] body = [.. hasMark ? text.GetPreamble() : [], .. text.GetBytes(order)];

        var answer = await _host.Post(
            "orders", body, [("X-Signature", $"sha256={Signed.Hex(Signed.OrdersSecret, body)}")],
            $"application/json{(charset is null ? "" : $"; charset={charset}")}");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("Ærø", (await Published<AcceptWebhook>()).Message.Payload.GetProperty("city").GetString());
    }

    [Theory]
    [InlineData("klingon", "'klingon', which is not known")]
    [InlineData("utf-16", "It is not text in 'utf-16'")]
    public async Task A_webhook_that_is_not_in_its_charset_is_refused(string charset, string detail)
    {
        byte[] body = [.. Encoding.Unicode.GetBytes(Order), 0x00, 0xD8];

        var answer = await _host.Post(
            "orders", body, [("X-Signature", $"sha256={Signed.Hex(Signed.OrdersSecret, body)}")], $"application/json; charset={charset}");

        answer.MustBeProblem(HttpStatusCode.UnsupportedMediaType, detail);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.Accepted, false)]
    [InlineData(0, HttpStatusCode.Accepted, true)]
    [InlineData(1, HttpStatusCode.RequestEntityTooLarge, false)]
    [InlineData(1, HttpStatusCode.RequestEntityTooLarge, true)]
    public async Task The_limit_of_a_body_is_exact(int over, HttpStatusCode expected, bool chunked)
    {
        var limit = new IngressSettings().MaxBodySize;
        var body = Encoding.UTF8.GetBytes(Order.PadRight(limit + over));

        var answer = await _host.Post(
            "orders", body, [("X-Signature", $"sha256={Signed.Hex(Signed.OrdersSecret, body)}")], chunked: chunked);

        Assert.Equal(expected, answer.Status);
    }

    [Theory]
    [InlineData("X-Nothing", "", "is missing or occurs more than once")]
    [InlineData("X-Signature", "sha256=zz", "holds no signature")]
    [InlineData("X-Signature", "sha256=0000000000000000000000000000000000000000000000000000000000000000", "does not belong to this body")]
    public async Task A_signature_that_is_not_genuine_is_refused(string header, string value, string detail) =>
        (await _host.Post("orders", Order, (header, value))).MustBeProblem(HttpStatusCode.Unauthorized, detail);

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("{} {}", "not JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("null", "not an object")]
    [InlineData("""{ "id": "o-1", "type": "t", "text": "\ud83d" }""", "half a surrogate pair")]
    [InlineData("""{ "id": "o-1", "type": "t", "\udc00": 1 }""", "half a surrogate pair")]
    [InlineData("{}", "no usable id in its field 'id'")]
    [InlineData("""{ "id": "", "type": "t" }""", "no usable id")]
    [InlineData("""{ "id": " ", "type": "t" }""", "no usable id")]
    [InlineData("""{ "id": {}, "type": "t" }""", "no usable id")]
    [InlineData("""{ "id": "a\r\nb", "type": "t" }""", "no usable id")]
    [InlineData("""{ "id": "a\u202eb", "type": "t" }""", "no usable id")]
    [InlineData("""{ "id": "a", "type": null }""", "no usable type in its field 'type'")]
    [InlineData("""{ "id": "a", "type": "\u0007" }""", "no usable type")]
    [InlineData("""{ "id": "a", "type": "\u0000" }""", "The body is wrong at $.type: A text holds a NUL")]
    [InlineData("""{ "id": 1, "id": 2, "name": "#1" }""", "The body is wrong at $.id: There are two members of this name.")]
    [InlineData("""{ "id": "a", "type": "t", "lines": [{ "sku": 1, "sku": 1 }] }""", "$.lines[0].sku: There are two members")]
    public async Task A_genuine_body_that_the_bus_cannot_use_is_refused(string body, string detail) =>
        (await _host.Post("orders", body, Signed.ByOrders(body))).MustBeProblem(HttpStatusCode.BadRequest, detail);

    [Fact]
    public async Task A_body_that_is_not_UTF_8_is_refused()
    {
        byte[] body = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        (await _host.Post("github", body, Signed.ByGitHub(body))).MustBeProblem(HttpStatusCode.BadRequest, "not UTF-8");
    }

    [Theory]
    [InlineData(JsonDoor.DefaultDepth, HttpStatusCode.Accepted)]
    [InlineData(JsonDoor.DefaultDepth + 1, HttpStatusCode.BadRequest)]
    public async Task A_payload_of_the_greatest_depth_still_fits_into_an_announcement(int depth, HttpStatusCode expected)
    {
        var body = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

        Assert.Equal(expected, (await _host.Post("github", body, Signed.ByGitHub(body))).Status);
        if (expected == HttpStatusCode.Accepted)
            await Published<WebhookAccepted>();
    }

    [Theory]
    [InlineData("X-GitHub-Delivery", 201, "no usable id in its header X-GitHub-Delivery")]
    [InlineData("X-GitHub-Event", 201, "no usable type in its header X-GitHub-Event")]
    public async Task An_overlong_id_or_type_is_refused(string header, int length, string detail)
    {
        var headers = Signed.ByGitHub("{}").Where(pair => pair.Item1 != header).Append((header, new string('x', length)));

        (await _host.Post("github", "{}", headers)).MustBeProblem(HttpStatusCode.BadRequest, detail);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-acme")]
    [InlineData("<script>")]
    [InlineData("acme globex")]
    public async Task A_header_that_names_no_tenant_is_refused(string tenant) =>
        (await _host.Post("github", "{}", [.. Signed.ByGitHub("{}"), ("X-Tenant", tenant), IngressHost.ThroughProxy]))
            .MustBeProblem(HttpStatusCode.BadRequest, "names no tenant");

    [Fact]
    public async Task A_tenant_that_no_configured_proxy_has_named_is_refused()
    {
        (await _host.Post("github", "{}", [.. Signed.ByGitHub("{}"), ("X-Tenant", "globex"), ("X-Forwarded-For", "127.0.0.1")]))
            .MustBeProblem(HttpStatusCode.BadRequest, "does not come from a proxy of Bus:Access:Proxies");

        Assert.False(await _host.Bus.Published.Any<AcceptWebhook>(new CancellationToken(canceled: true)));
    }

    async Task<PublishContext<T>> Published<T>()
        where T : class
    {
        await _host.Bus.UntilPublished<T>(TestContext.Current.CancellationToken);
        return (PublishContext<T>)_host.Bus.Published.Select<T>(TestContext.Current.CancellationToken).Single().Context;
    }
}
