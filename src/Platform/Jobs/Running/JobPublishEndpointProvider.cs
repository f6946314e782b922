namespace Maestro.Bus.Jobs;

/// <summary>Publishes for a job.</summary>
sealed class JobPublishEndpointProvider(IBus bus, JobRow job) : IPublishEndpointProvider
{
    public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => bus.ConnectPublishObserver(observer);

    public async Task<ISendEndpoint> GetPublishSendEndpoint<T>()
        where T : class =>
        new JobSendEndpoint(await bus.GetPublishSendEndpoint<T>(), job);
}
