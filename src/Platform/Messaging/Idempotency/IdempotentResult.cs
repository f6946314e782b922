using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Messaging;

/// <summary>A message that a consumer has responded or published.</summary>
/// <param name="Type">The message's class.</param>
/// <param name="Message">The message.</param>
/// <param name="CorrelationId">Its correlation id.</param>
sealed record IdempotentResult(string Type, JsonElement Message, Guid? CorrelationId)
{
    static readonly ConcurrentDictionary<Type, (Type Message, Func<object, object?> Read)?> Contexts = new();

    /// <summary>What is being sent.</summary>
    public static IdempotentResult? Of(SendContext context)
    {
        if (Contexts.GetOrAdd(context.GetType(), Reader) is not var (type, read) || read(context) is not { } message)
            return null;

        return new IdempotentResult(type.AssemblyQualifiedName!,
            JsonSerializer.SerializeToElement(message, type, SystemTextJsonMessageSerializer.Options), context.CorrelationId);
    }

    public static List<IdempotentResult> Read(byte[] results) =>
        JsonSerializer.Deserialize<List<IdempotentResult>>(results, SystemTextJsonMessageSerializer.Options)!;

    /// <summary>Sends the result to whoever asks for a repetition's.</summary>
    public Task Send<T>(ISendEndpoint requester, ConsumeContext<T> repetition, Guid id, CancellationToken cancellationToken)
        where T : class
    {
        var type = System.Type.GetType(Type)
            ?? throw new InvalidOperationException(
                $"The stored result {Type} is of a class that this program does not have. It comes from another version; the requester has "
                    + "to ask again.");
        var message = Message.Deserialize(type, SystemTextJsonMessageSerializer.Options)!;

        return requester.Send(
            message,
            type,
            Pipe.Execute<SendContext>(context =>
            {
                context.MessageId = id;
                context.RequestId = repetition.RequestId;
                context.ConversationId = repetition.ConversationId;
                context.CorrelationId = CorrelationId;
            }),
            cancellationToken);
    }

    static (Type, Func<object, object?>)? Reader(Type context)
    {
        var typed = Array.Find(
            context.GetInterfaces(), candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(SendContext<>));
        return typed is null ? null : (typed.GenericTypeArguments[0], typed.GetProperty(nameof(SendContext<>.Message))!.GetValue);
    }
}
