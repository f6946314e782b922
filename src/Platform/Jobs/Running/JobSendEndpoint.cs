using MassTransit.Transports;

namespace Maestro.Bus.Jobs;

/// <summary>Gives what a job sends the job's tenant and conversation.</summary>
sealed class JobSendEndpoint(ISendEndpoint endpoint, JobRow job) : SendEndpointProxy(endpoint)
{
    protected override IPipe<SendContext<T>> GetPipeProxy<T>(IPipe<SendContext<T>>? pipe = null) => new JobPipe<T>(pipe, job);

    sealed class JobPipe<TMessage>(IPipe<SendContext<TMessage>>? pipe, JobRow job) : SendContextPipeAdapter<TMessage>(pipe)
        where TMessage : class
    {
        protected override void Send(SendContext<TMessage> context) => Apply(context);

        protected override void Send<T>(SendContext<T> context) => Apply(context);

        void Apply(SendContext context)
        {
            context.InitiatorId ??= job.Id;
            if (job.Correlation is { } conversation)
                context.ConversationId = conversation;
            if (job.Tenant is { } tenant && !context.Headers.TryGetHeader(TenantHeader.Name, out _))
                context.SetTenantId(tenant);
        }
    }
}
