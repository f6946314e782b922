namespace MaestroBus.Integration;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The step {StepId} of the flow {FlowId} cannot be carried out: {Reason}")]
    public static partial void CallFailed(ILogger logger, string stepId, Guid flowId, string reason);
}
