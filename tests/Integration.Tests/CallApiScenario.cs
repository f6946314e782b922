using System.Text.Json;

namespace MaestroBus.Integration.Tests;

/// <summary>The domain with one configured address, <c>shop</c>, and what became of the calls to it.</summary>
sealed class CallApiScenario(DomainHarness domain) : IAsyncDisposable
{
    /// <summary>Makes the harness's lists tell what they hold instead of waiting for more.</summary>
    static readonly CancellationToken SoFar = new(canceled: true);

    public static readonly Guid FlowId = DeterministicId.Of("a flow");

    public ITestHarness Bus => domain.Bus;

    public IServiceProvider Services => domain.Services;

    public static async Task<CallApiScenario> Start(string baseAddress, params (string Setting, string Value)[] settings)
    {
        // Long enough for a machine that is busy compiling the first call, as fast as the clock is.
        var configuration = new Dictionary<string, string?>
        {
            ["BaseAddress"] = baseAddress,
            ["Timeout"] = "1000s",
            ["OverallTimeout"] = "3000s",
        };
        foreach (var (setting, value) in settings)
            configuration[setting] = value;

        return new CallApiScenario(await DomainHarness.Start<IntegrationDomain>(
            configuration.Select(setting => KeyValuePair.Create(
                setting.Key.StartsWith("Bus:", StringComparison.Ordinal) ? setting.Key : $"Bus:Integration:Addresses:shop:{setting.Key}",
                setting.Value)),
            services => services.AddSingleton<TimeProvider>(new FastTime())));
    }

    public static CallApi Call(
        string method = "GET", string path = "/orders/17", string address = "shop", IReadOnlyDictionary<string, string>? headers = null,
        string? body = null) =>
        new(FlowId, "lookup", "acme", address, method, path, headers, body is null ? null : JsonElement.Parse(body));

    public Task<ApiCallSucceeded> Succeeds(CallApi call) => Outcome<ApiCallSucceeded>(call);

    public Task<ApiCallFailed> Fails(CallApi call) => Outcome<ApiCallFailed>(call);

    public Task<Fault<CallApi>> Faults(CallApi call) => Outcome<Fault<CallApi>>(call);

    public ValueTask DisposeAsync() => domain.DisposeAsync();

    async Task<T> Outcome<T>(CallApi call)
        where T : class
    {
        await Bus.Bus.Publish(call, TestContext.Current.CancellationToken);

        // Whatever comes first: a test that expects something else fails at once instead of waiting for its time-out.
        var outcome = await Eventually.Some(
            () => Task.FromResult(Bus.Published.Select(published => StepOf(published.MessageObject) == call.StepId, SoFar)
                .Select(published => published.MessageObject).FirstOrDefault()),
            TimeSpan.FromMinutes(1), "an outcome of the call", TestContext.Current.CancellationToken);

        return Assert.IsType<T>(outcome, exactMatch: false);
    }

    static string? StepOf(object message) => message switch
    {
        ApiCallSucceeded succeeded => succeeded.StepId,
        ApiCallFailed failed => failed.StepId,
        Fault<CallApi> fault => fault.Message.StepId,
        _ => null,
    };
}
