using System.Net.Mime;
using System.Text;
using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Riders;

/// <summary>
/// Reads a record's JSON straight into the message. A record that does not say which message it is, is one of the endpoint's own type.
/// </summary>
sealed class RecordDeserializer(string[] defaultTypes) : IMessageDeserializer
{
    // Most topics hold one type: it is not taken apart anew for each record.
    KnownTypes _known = new([], []);

    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        if (receiveContext is not StreamReceiveContext received)
            return new BodyConsumeContext(
                receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

        return received.Problem is { } problem
            ? throw new UnreadableRecordException(problem)
            : new RecordConsumeContext(
                received, Deserialize(received.Body, received.TransportHeaders, received.InputAddress, KnownTypesOf(received.Record)));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Deserialize(body, headers, destinationAddress, headers.GetMessageTypes());

    RecordSerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress, string[] types) =>
        new(body.GetBytes(), new RawMessageContext(headers, destinationAddress, RawSerializerOptions.Default), Types(types, defaultTypes));

    /// <summary>The types that a record says it is, or else those of its endpoint.</summary>
    /// <exception cref="UnreadableRecordException">Neither says it.</exception>
    public static string[] Types(string[] types, string[] defaultTypes) =>
        types.Length > 0 ? types
        : defaultTypes.Length > 0 ? defaultTypes
        : throw new UnreadableRecordException(
            $"It does not say in the header {MessageHeaders.MessageType} which message it is, and its topic holds several.");

    /// <summary>The types that a record says it is.</summary>
    public static string[] TypesOf(StreamRecord record) =>
        record.Headers.Get(MessageHeaders.MessageType) is { Length: > 0 } text ? Split(text) : [];

    string[] KnownTypesOf(StreamRecord record)
    {
        if (record.Headers.GetBytes(MessageHeaders.MessageType) is not { Length: > 0 } text)
            return [];

        var known = _known;
        if (!known.Text.AsSpan().SequenceEqual(text))
            _known = known = new KnownTypes(text, Split(Encoding.UTF8.GetString(text)));
        return known.Types;
    }

    static string[] Split(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("record").Add("contentType", ContentType.MediaType);

    sealed record KnownTypes(byte[] Text, string[] Types);

    sealed class RecordSerializerContext(byte[] body, MessageContext context, string[] types)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, context, types)
    {
        public override bool IsSupportedMessageType<T>() => IsSupported(MessageUrn.ForTypeString<T>());

        public override bool IsSupportedMessageType(Type messageType) => IsSupported(MessageUrn.ForTypeString(messageType));

        public override bool TryGetMessage<T>(out T? message)
            where T : class
        {
            message = IsSupportedMessageType<T>() ? (T)RecordValue.FromBytes(typeof(T), body) : null;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, out object message)
        {
            message = RecordValue.FromBytes(messageType, body);
            return true;
        }

        public override IMessageSerializer GetMessageSerializer() => Whole().GetMessageSerializer();

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) =>
            Whole().GetMessageSerializer(envelope, message);

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) =>
            Whole().GetMessageSerializer(message, messageTypes);

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class =>
            Whole().ToDictionary(message);

        bool IsSupported(string urn) => Array.Exists(SupportedMessageTypes, type => urn.Equals(type, StringComparison.OrdinalIgnoreCase));

        SystemTextJsonRawSerializerContext Whole() => new(
            SystemTextJsonMessageSerializer.Instance, SystemTextJsonMessageSerializer.Options,
            SystemTextJsonRawMessageSerializer.JsonContentType, this,
            SupportedMessageTypes, RawSerializerOptions.Default, JsonSerializer.Deserialize<JsonElement>(body));
    }
}
