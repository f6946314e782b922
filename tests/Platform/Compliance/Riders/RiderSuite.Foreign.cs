namespace Maestro.Bus.Compliance;

public abstract partial class RiderSuite<TBroker>
{
    [Fact]
    public async Task Plain_json_of_a_foreign_program_is_a_message_of_the_endpoints_type_with_the_same_id_each_time()
    {
        var topic = NewTopic();
        var received = new Received<(Guid? Id, Measured Message)>();
        var host = await Start<Measured>(topic, context => received.Add((context.MessageId, context.Message)));

        await Write(topic, "key", """{ "Place": "roof", "number": 3, "unknown": true }""");
        await received.AtLeast(1);
        await Broker.RiderOf(host.Services).Replay(topic, Group, StreamPosition.At(0));
        var both = await received.AtLeast(2);

        Assert.Equal(new Measured("roof", 3), both[0].Message);
        Assert.NotNull(both[0].Id);
        Assert.Equal(both[0].Id, both[1].Id);
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_JSON_is_skipped()
    {
        var topic = NewTopic();
        var received = new Received<Measured>();
        await Start<Measured>(topic, context => received.Add(context.Message));

        await Write(topic, "key", $"\uFEFF{Json("roof", 3)}");
        await Write(
            topic, "key", $$"""{{"\uFEFF"}}{"specversion":"1.0","id":"77","source":"/sensors","type":"m","data":{{Json("cellar", 4)}}}""",
            (MessageHeaders.ContentType, "application/cloudevents+json"));

        Assert.Equal([new Measured("roof", 3), new Measured("cellar", 4)], await received.AtLeast(2));
    }

    [Fact]
    public async Task A_record_is_read_in_the_charset_of_its_content_type_each_time_and_an_unknown_one_makes_a_dead_letter()
    {
        var topic = NewTopic();
        var (received, attempts) = (new Received<Measured>(), 0);
        await Start<Measured>(
            topic,
            context => Interlocked.Increment(ref attempts) == 1
                ? throw new InvalidOperationException("Not at the first time.")
                : received.Add(context.Message),
            endpoint => endpoint.UseRetryTopics(Retrying));

        await Write(topic, "key", Json("Ærø", 3), (MessageHeaders.ContentType, "application/json; charset=klingon"));
        var latin = Record(topic, "key", null, (MessageHeaders.ContentType, "application/json; charset=iso-8859-1"));
        await Write(latin with { Value = System.Text.Encoding.Latin1.GetBytes(Json("Ærø", 4)) });

        Assert.Equal([new Measured("Ærø", 4)], await received.AtLeast(1));
        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Contains("the charset 'klingon', which is not known", letter.Headers.Get(MessageHeaders.FaultMessage));
        Assert.Equal(Json("Ærø", 3), Text(letter.Value));
    }

    [Fact]
    public async Task A_CloudEvent_in_one_piece_is_a_message()
    {
        var topic = NewTopic();
        var received = new Received<(Guid? Id, string? Tenant, Measured Message)>();
        await Start<Measured>(topic, context => received.Add((context.MessageId, context.TenantId(), context.Message)));

        await Write(topic, "key", """
            { "specversion": "1.0", "id": "77", "source": "/sensors", "type": "com.example.measured", "tenantid": "acme",
              "datacontenttype": "application/json", "data": { "place": "roof", "number": 3 } }
            """, ("content-type", "application/cloudevents+json; charset=utf-8"));

        Assert.Equal(
            (DeterministicId.Of("foreign-record", "acme", "/sensors", "77"), "acme", new Measured("roof", 3)),
            (await received.AtLeast(1))[0]);
    }

    [Fact]
    public async Task CloudEvents_of_one_id_are_told_apart_by_tenant_and_source()
    {
        var topic = NewTopic();
        var received = new Received<Guid?>();
        await Start<Measured>(topic, context => received.Add(context.MessageId));

        foreach (var (tenant, source, id) in new[] { ("acme", "/a", "b/1"), ("globex", "/a", "b/1"), ("acme", "/a/b", "1") })
            await Write(
                topic, "key", Json("roof", 4),
                ("ce_specversion", "1.0"), ("ce_id", id), ("ce_source", source), ("ce_type", "measured"), ("ce_tenantid", tenant));

        Assert.Equal(3, (await received.AtLeast(3)).Distinct().Count());
    }

    [Fact]
    public async Task A_CloudEvent_in_headers_is_a_message()
    {
        var topic = NewTopic();
        var received = new Received<(Guid? Id, string? Tenant, Measured Message)>();
        await Start<Measured>(topic, context => received.Add((context.MessageId, context.TenantId(), context.Message)));
        var id = NewId.NextGuid();

        await Write(topic, "key", Json("roof", 4), ("ce_specversion", "1.0"), ("ce_id", $"{id}"), ("ce_source", "/sensors"),
            ("ce_type", "measured"), ("ce_tenantid", "acme"));

        Assert.Equal((id, "acme", new Measured("roof", 4)), (await received.AtLeast(1))[0]);
    }

    [Fact]
    public async Task A_broken_CloudEvent_is_a_dead_letter()
    {
        var topic = NewTopic();
        await Start<Measured>(topic, _ => Task.CompletedTask);

        await Write(topic, "key", """{ "specversion": "1.0" }""", ("content-type", "application/cloudevents+json"));

        Assert.Contains("CloudEvent", (await Read($"{topic}-dlq", 1))[0].Headers.Get(MessageHeaders.FaultMessage));
    }

    [Fact]
    public async Task What_is_written_is_plain_json_with_a_trace_that_any_program_can_read()
    {
        var topic = NewTopic();
        var host = await Start<Measured>(topic, _ => Task.CompletedTask);
        using var trace = new System.Diagnostics.Activity("test").Start();

        await Produce(host, new Measured("roof", 5), context => context.Key = "roof");
        var record = (await Read(topic, 1))[0];

        Assert.Equal("""{"place":"roof","number":5}""", Text(record.Value));
        Assert.Equal("application/json", record.Headers.Get("Content-Type"));
        Assert.Contains($"{trace.TraceId}", record.Headers.Get(StreamHeaders.TraceParent));
    }

    [Fact]
    public async Task A_message_of_another_type_on_the_topic_is_passed_over()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Start<Measured>(topic, context => received.Add(context.Message.Number));

        await Write(topic, "key", Json("place", 1), (MessageHeaders.MessageType, MessageUrn.ForTypeString<Concluded>()));
        await Write(topic, "key", Json("place", 2));

        Assert.Equal([2], await received.AtLeast(1));
    }
}
