using Polly;
using Polly.Timeout;

namespace MaestroBus.Integration;

/// <summary>
/// Makes a flow's call to a configured API. A call is made at least once: one that is repeated, by a quick retry or by the queue, carries
/// the same <c>Idempotency-Key</c>, so that an API which honours it applies a POST once even where its first answer was lost.
/// </summary>
public sealed class CallApiConsumer(ApiAddresses addresses, IHttpClientFactory clients, TimeProvider time, ILogger<CallApiConsumer> logger)
    : IConsumer<CallApi>
{
    public async Task Consume(ConsumeContext<CallApi> context)
    {
        var call = context.Message;
        var started = time.GetTimestamp();
        Validate(call);

        if (ApiRequest.Of(call, addresses, out var problem) is not { } request)
        {
            await Fail(context, null, problem);
            return;
        }

        context.Needs(request.Address.Name);
        var answer = await Send(request, context);

        // The call has been made. Whatever the answer is like, its outcome is recorded: a failure here would have it made again.
        if (Refusal(request.Address, answer) is { } refusal)
            await Fail(context, (int)answer.Status, refusal);
        else if (answer.Body(out var unrecordable, request.Address.Settings.MaxResponseDepth) is var body && unrecordable is not null)
            await Fail(context, (int)answer.Status, $"The answer of '{request.Address.Name}' cannot be recorded. {unrecordable}");
        else
            await context.Publish(new ApiCallSucceeded(
                call.FlowId, call.StepId, call.TenantId, call.Address, (int)answer.Status, body, time.GetElapsedTime(started)));
    }

    static void Validate(CallApi call)
    {
        if (call is { Address: null } or { Method: null } or { Path: null } or { StepId: null })
            throw new InvalidMessageException(
                $"CallApi of the flow {call.FlowId} lacks its StepId, Address, Method or Path. Set all four.");
    }

    /// <exception cref="ApiUnavailableException">The API does not answer, or answers that it cannot now.</exception>
    async Task<HttpAnswer> Send(ApiRequest request, ConsumeContext message)
    {
        var client = clients.CreateClient(ApiClients.Prefix + request.Address.Name);
        var credentials = await request.Address.Credentials(message.CancellationToken);
        var context = ResilienceContextPool.Shared.Get(message.CancellationToken);
        context.Properties.Set(ApiResilience.MayRepeat, request.IsIdempotent && !message.IsProbe());

        try
        {
            var answer = await request.Address.Pipeline.ExecuteAsync(
                static (attempt, state) => state.request.SendOnce(state.client, state.credentials, state.time, attempt.CancellationToken),
                context,
                (request, client, credentials, time));

            return answer.IsTransient
                ? throw Unavailable($"{request} answered {(int)answer.Status}: {answer.Excerpt()}", retryAfter: answer.RetryAfter)
                : answer;
        }
        catch (TimeoutRejectedException exception)
        {
            throw Unavailable($"{request} did not answer within {exception.Timeout.TotalSeconds:0.###} s.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            or OperationCanceledException { InnerException: TimeoutException })
        {
            throw Unavailable($"{request} could not be reached: {OutgoingHttp.Reason(exception)}", exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        ApiUnavailableException Unavailable(string reason, Exception? cause = null, TimeSpan? retryAfter = null) =>
            new(credentials.Mask.Apply(reason), cause) { Dependency = request.Address.Name, RetryAfter = retryAfter };
    }

    static string? Refusal(ApiAddress address, HttpAnswer answer) => answer switch
    {
        { IsRedirect: true } => $"'{address.Name}' answered with a redirect to {answer.Location}. Configure the address that answers "
            + "itself: redirects are not followed.",
        { IsSuccess: false } => $"'{address.Name}' answered {(int)answer.Status}: {answer.Excerpt()}",
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
