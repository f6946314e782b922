namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Has a state machine write to topics. What it writes goes out as what its consumer context produces: with the outbox's commit where there
/// is one.
/// </summary>
public static class SagaProduceExtensions
{
    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance> Produce<TInstance, TMessage>(
        this EventActivityBinder<TInstance> source, TMessage message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await Task.FromResult(message), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance> Produce<TInstance, TMessage>(
        this EventActivityBinder<TInstance> source, Task<TMessage> message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await message, callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance> Produce<TInstance, TMessage>(
        this EventActivityBinder<TInstance> source, AsyncEventMessageFactory<TInstance, TMessage> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message that is made of an object's properties to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message, such as by <c>context.Init</c>.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance> Produce<TInstance, TMessage>(
        this EventActivityBinder<TInstance> source, Func<BehaviorContext<TInstance>, Task<SendTuple<TMessage>>> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance, TData> Produce<TInstance, TData, TMessage>(
        this EventActivityBinder<TInstance, TData> source, TMessage message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await Task.FromResult(message), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance, TData> Produce<TInstance, TData, TMessage>(
        this EventActivityBinder<TInstance, TData> source, Task<TMessage> message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await message, callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance, TData> Produce<TInstance, TData, TMessage>(
        this EventActivityBinder<TInstance, TData> source, AsyncEventMessageFactory<TInstance, TData, TMessage> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message that is made of an object's properties to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message, such as by <c>context.Init</c>.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static EventActivityBinder<TInstance, TData> Produce<TInstance, TData, TMessage>(
        this EventActivityBinder<TInstance, TData> source,
        Func<BehaviorContext<TInstance, TData>, Task<SendTuple<TMessage>>> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TException> Produce<TInstance, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TException> source, TMessage message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await Task.FromResult(message), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TException> Produce<TInstance, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TException> source, Task<TMessage> message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await message, callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TException> Produce<TInstance, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TException> source,
        AsyncEventExceptionMessageFactory<TInstance, TException, TMessage> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message that is made of an object's properties to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message, such as by <c>context.Init</c>.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TException> Produce<TInstance, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TException> source,
        Func<BehaviorExceptionContext<TInstance, TException>, Task<SendTuple<TMessage>>> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TData, TException> Produce<TInstance, TData, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TData, TException> source, TMessage message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await Task.FromResult(message), callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="message">The message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TData, TException> Produce<TInstance, TData, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TData, TException> source, Task<TMessage> message,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await message, callback));

    /// <summary>Writes a message to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TData, TException> Produce<TInstance, TData, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TData, TException> source,
        AsyncEventExceptionMessageFactory<TInstance, TData, TException, TMessage> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    /// <summary>Writes a message that is made of an object's properties to the topic of its registered producer.</summary>
    /// <param name="source">The behaviour that is added to.</param>
    /// <param name="messageFactory">Makes the message, such as by <c>context.Init</c>.</param>
    /// <param name="callback">Sets its headers, ids and key.</param>
    public static ExceptionActivityBinder<TInstance, TData, TException> Produce<TInstance, TData, TException, TMessage>(
        this ExceptionActivityBinder<TInstance, TData, TException> source,
        Func<BehaviorExceptionContext<TInstance, TData, TException>, Task<SendTuple<TMessage>>> messageFactory,
        Action<SendContext<TMessage>>? callback = null)
        where TInstance : class, SagaStateMachineInstance
        where TData : class
        where TException : Exception
        where TMessage : class =>
        source.ThenAsync(async context => await Produce(context, await messageFactory(context), callback));

    static Task Produce<TMessage>(ConsumeContext context, TMessage message, Action<SendContext<TMessage>>? callback)
        where TMessage : class =>
        context.GetServiceOrCreateInstance<ITopicProducer<TMessage>>().Produce(
            message, Pipe.Execute<StreamSendContext<TMessage>>(sent => callback?.Invoke(sent)), context.CancellationToken);

    static Task Produce<TMessage>(ConsumeContext context, SendTuple<TMessage> tuple, Action<SendContext<TMessage>>? callback)
        where TMessage : class =>
        context.GetServiceOrCreateInstance<ITopicProducer<TMessage>>().Produce(
            tuple.Message,
            Pipe.ExecuteAsync<StreamSendContext<TMessage>>(async sent =>
            {
                await tuple.Pipe.Send(sent);
                callback?.Invoke(sent);
            }),
            context.CancellationToken);
}
