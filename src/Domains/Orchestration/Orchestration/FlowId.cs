namespace MaestroBus.Orchestration;

/// <summary>Makes the ids of flows. Each kind of start has a space of its own, and each tenant has its own within it.</summary>
static class FlowId
{
    /// <summary>Makes the id of the flow that a caller starts under an id of its own choice: the same for the same tenant and id.</summary>
    public static Guid OfRequest(string tenant, Guid ownId) => DeterministicId.Of("flow-of-request", tenant, $"{ownId:D}");

    /// <summary>Makes the id of the flow that a webhook starts: the same for every delivery of the event.</summary>
    public static Guid OfWebhook(string tenant, string provider, string webhookId, string specificationId) =>
        DeterministicId.Of("flow-of-webhook", tenant, provider, webhookId, specificationId);

    /// <summary>
    /// Sets what a start has beside its content: its tenant, and its flow's id, which stays readable if the content does not.
    /// </summary>
    public static void Address(PublishContext publish, StartFlow start)
    {
        publish.CorrelationId = start.FlowId;
        publish.SetTenantId(start.TenantId);
    }
}
