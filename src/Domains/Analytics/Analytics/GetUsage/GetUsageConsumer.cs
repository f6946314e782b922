namespace MaestroBus.Analytics;

public sealed class GetUsageConsumer(IUsageStore store) : IConsumer<GetUsage>
{
    public async Task Consume(ConsumeContext<GetUsage> context)
    {
        var request = context.Message;

        if (!TenantHeader.IsValid(request.TenantId))
            throw new InvalidMessageException($"GetUsage asks for the tenant '{request.TenantId}'. Name the tenant whose usage is wanted.");

        if (request.From >= request.To)
            throw new InvalidMessageException(
                $"GetUsage asks for the time from {request.From:O} to {request.To:O}. Give a beginning before the end.");

        await context.RespondAsync(await store.Report(request.TenantId, request.From, request.To, context.CancellationToken));
    }
}
