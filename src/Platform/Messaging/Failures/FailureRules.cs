using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using System.Net;

namespace Maestro.Bus.Messaging;

/// <summary>Which failures of a queue's messages are worth another try.</summary>
/// <param name="never">Exceptions that are never retried, beside those that never are anywhere.</param>
/// <param name="only">The only exceptions that are retried; none for all the others.</param>
/// <param name="down">Exceptions that mean that what the consumer depends on is down.</param>
sealed class FailureRules(IReadOnlyCollection<Type> never, IReadOnlyCollection<Type> only, IReadOnlyCollection<Type> down)
{
    static readonly Type[] Invalid = [typeof(InvalidMessageException), typeof(ValidationException)];

    /// <summary>Whether the message is tried again.</summary>
    /// <param name="exception">What has come out of the consumer.</param>
    /// <param name="thrown">What the consumer has thrown: MassTransit puts an exception of its own in the place of a cancellation, and the
    /// reason is lost.</param>
    public bool IsRetried(Exception exception, Exception? thrown)
    {
        var cause = Cause(exception, thrown);

        if (Matches(Invalid, cause) || Matches(never, cause) || IsCancelled(cause))
            return false;

        return only.Count == 0 || Matches(only, cause);
    }

    /// <summary>Whether what the consumer depends on is down, or fails it.</summary>
    public bool IsDown(Exception exception, Exception? thrown)
    {
        // A database's or a mail server's exceptions have the network's inside.
        for (var cause = exception is ConsumerCanceledException && thrown is not null
            ? thrown
            : exception; cause is not null; cause = cause.InnerException)
        {
            if (MeansDown(cause))
                return true;
        }

        return false;
    }

    bool MeansDown(Exception exception) => exception switch
    {
        // An HTTP client that gets no answer in time says that it was cancelled.
        OperationCanceledException { InnerException: TimeoutException } => down.Any(type =>
            type.IsAssignableFrom(typeof(HttpRequestException))),
        // Any other answer is about the request, and the next one's may be another.
        HttpRequestException { StatusCode: { } status } => Matches(down, exception)
            && ((int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests),
        DbException database => Matches(down, exception) && DatabaseFailures.IsAway(database),
        _ => Matches(down, exception),
    };

    static Exception Cause(Exception exception, Exception? thrown) =>
        Cause(exception is ConsumerCanceledException && thrown is not null ? thrown : exception);

    // What is at the bottom of what a saga or several tasks have thrown. An HTTP client's time-out looks like a cancellation, and is none.
    static Exception Cause(Exception exception) => exception switch
    {
        EventExecutionException { InnerException: { } inner } => Cause(inner),
        AggregateException { InnerExceptions: [var inner] } => Cause(inner),
        OperationCanceledException { InnerException: TimeoutException timeout } => timeout,
        _ => exception,
    };

    static bool Matches(IEnumerable<Type> types, Exception exception) => types.Any(type => type.IsInstanceOfType(exception));

    static bool IsCancelled(Exception exception) => exception is ConsumerCanceledException or OperationCanceledException;
}
