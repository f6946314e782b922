namespace Maestro.Bus.Testing;

/// <summary>What a message can have beside its body, of each kind one.</summary>
public static class TypedContent
{
    /// <summary>Sets headers of each type, tenant, routing key, partition key and priority.</summary>
    public static void Set(SendContext context)
    {
        var headers = context.Headers;
        headers.Set("text", "Gruß");
        headers.Set("yes", true);
        headers.Set("no", false);
        headers.Set("int", 5);
        headers.Set("long", long.MaxValue);
        headers.Set("double", 0.5);
        headers.Set("decimal", 1.10m);
        headers.Set("list", new List<object> { 1, "a" });
        context.SetTenantId("acme");
        context.SetPriority(7);
        if (context.TryGetPayload(out RoutingKeySendContext? routed))
            routed.RoutingKey = "eu.de";
        if (context.TryGetPayload(out PartitionKeySendContext? partitioned))
            partitioned.PartitionKey = "p-7";
    }
}
