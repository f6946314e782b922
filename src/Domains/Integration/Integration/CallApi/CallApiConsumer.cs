using Polly;
using Polly.Timeout;

namespace MaestroBus.Integration;

/// <summary>
/// Makes a flow's call to a configured API. A call is made at least once: one that is repeated, by a quick retry or by the queue, carries the same
/// <c>Idempotency-Key</c>, so that an API which honours it applies a POST once even where its first answer was lost.
/// </summary>
public sealed class CallApiConsumer(ApiAddresses addresses, IHttpClientFactory clients, TimeProvider time, ILogger<CallApiConsumer> logger) : IConsumer<CallApi>
{
    public async Task Consume(ConsumeContext<CallApi> context)
    {
        var call = context.Message;
        var started = time.GetTimestamp();

        if (ApiRequest.Of(call, addresses, out var problem) is not { } request)
        {
            await Fail(context, null, problem);
            return;
        }

        var response = await Send(request, context);

        if (Refusal(request.Address, response) is { } refusal)
            await Fail(context, (int)response.Status, refusal);
        else
            await context.Publish(new ApiCallSucceeded(
                call.FlowId, call.StepId, call.TenantId, call.Address, (int)response.Status, response.Body(), time.GetElapsedTime(started)));
    }

    /// <exception cref="ApiUnavailableException">The API does not answer, or answers that it cannot now.</exception>
    async Task<ApiResponse> Send(ApiRequest request, ConsumeContext message)
    {
        var client = clients.CreateClient(ApiClients.Prefix + request.Address.Name);
        var context = ResilienceContextPool.Shared.Get(message.CancellationToken);
        context.Properties.Set(ApiResilience.MayRepeat, request.IsIdempotent && !message.IsProbe());

        try
        {
            var response = await request.Address.Pipeline.ExecuteAsync(
                static (attempt, state) => state.request.SendOnce(state.client, state.time, attempt.CancellationToken), context, (request, client, time));

            return response.IsTransient
                ? throw new ApiUnavailableException($"{request} answered {(int)response.Status}: {response.Excerpt()}")
                : response;
        }
        catch (TimeoutRejectedException exception)
        {
            throw new ApiUnavailableException($"{request} did not answer within {exception.Timeout.TotalSeconds:0.###} s.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException })
        {
            throw new ApiUnavailableException($"{request} could not be reached: {exception.Message}", exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    static string? Refusal(ApiAddress address, ApiResponse response) => response switch
    {
        { IsRedirect: true } => $"'{address.Name}' answered with a redirect to {response.Location}. Configure the address that answers itself: redirects are not followed.",
        { IsSuccess: false } => $"'{address.Name}' answered {(int)response.Status}: {response.Excerpt()}",
        { IsTooLong: true } => $"The answer of '{address.Name}' is longer than {address.Settings.MaxResponseSize} bytes. " +
            $"Ask for less, or raise Bus:Integration:Addresses:{address.Name}:MaxResponseSize.",
        _ => null,
    };

    async Task Fail(ConsumeContext<CallApi> context, int? status, string reason)
    {
        var call = context.Message;
        Log.CallFailed(logger, call.StepId, call.FlowId, reason);
        await context.Publish(new ApiCallFailed(call.FlowId, call.StepId, call.TenantId, call.Address, status, reason));
    }
}
