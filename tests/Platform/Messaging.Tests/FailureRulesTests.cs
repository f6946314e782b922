using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Messaging.Tests;

public sealed class FailureRulesTests
{
    static readonly FailureRules Default = new([], [], []);

    public static TheoryData<Exception> Hopeless =>
    [
        new InvalidMessageException("Invalid."),
        new ValidationException("Invalid."),
        new EventExecutionException("The Start execution faulted", new InvalidMessageException("Invalid.")),
        new AggregateException(new InvalidMessageException("Invalid.")),
        new OperationCanceledException(),
        new TaskCanceledException(),
        new ConsumerCanceledException("Cancelled."),
    ];

    public static TheoryData<Exception> Hopeful =>
    [
        new InvalidOperationException(),
        new TimeoutException(),
        new EventExecutionException("The Start execution faulted", new TimeoutException()),
        new TaskCanceledException("An HTTP client's time-out.", new TimeoutException()),
    ];

    public static TheoryData<Exception> Down =>
    [
        new HttpRequestException("No connection."),
        new HttpRequestException("Bad gateway.", null, HttpStatusCode.BadGateway),
        new HttpRequestException("Too many.", null, HttpStatusCode.TooManyRequests),
        new TaskCanceledException("An HTTP client's time-out.", new TimeoutException()),
        new DependencyUnavailableException("It is closed."),
        new InvalidOperationException("The mail was not sent.", new IOException("No connection.", new SocketException())),
        new EventExecutionException("The Start execution faulted", new HttpRequestException("No connection.")),
        new DatabaseException("08006", isTransient: true),
        new DatabaseException("57P03", isTransient: true),
        new DatabaseException(null, isTransient: true),
    ];

    public static TheoryData<Exception> NotDown =>
    [
        new HttpRequestException("Not found.", null, HttpStatusCode.NotFound),
        new HttpRequestException("Conflict.", null, HttpStatusCode.Conflict),
        new TimeoutException("The message's own."),
        new ProcessingTimeoutException("It took too long.", null),
        new TaskCanceledException(),
        new InvalidOperationException(),
        new DatabaseException("23505", isTransient: false),
        new DatabaseException("40P01", isTransient: true),
        new DatabaseException(null, isTransient: false),
    ];

    static FailureRules ByDefault => new QueueControl("probe", new QueuePolicy(), TimeProvider.System).Failures;

    [Theory]
    [MemberData(nameof(Down))]
    public void What_says_that_a_dependency_is_down_counts_for_the_circuit_breaker(Exception exception) =>
        Assert.True(ByDefault.IsDown(exception, null));

    [Theory]
    [MemberData(nameof(NotDown))]
    public void What_may_be_the_message_s_own_fault_does_not(Exception exception) => Assert.False(ByDefault.IsDown(exception, null));

    [Fact]
    public void Time_outs_count_where_the_policy_says_so() =>
        Assert.True(new FailureRules([], [], [typeof(TimeoutException)]).IsDown(new TimeoutException(), null));

    [Theory]
    [MemberData(nameof(Hopeless))]
    public void What_is_invalid_or_cancelled_is_not_retried(Exception exception) => Assert.False(Default.IsRetried(exception, null));

    [Theory]
    [MemberData(nameof(Hopeful))]
    public void What_may_heal_is_retried(Exception exception) => Assert.True(Default.IsRetried(exception, null));

    [Fact]
    public void A_time_out_that_MassTransit_calls_a_cancellation_is_retried() =>
        Assert.True(
            Default.IsRetried(new ConsumerCanceledException("Cancelled."), new TaskCanceledException("Too late.", new TimeoutException())));

    [Fact]
    public void What_is_never_to_be_retried_is_not_and_neither_is_what_derives_from_it()
    {
        var rules = new FailureRules([typeof(IOException)], [], []);

        Assert.False(rules.IsRetried(new FileNotFoundException(), null));
        Assert.True(rules.IsRetried(new TimeoutException(), null));
    }

    [Fact]
    public void Where_only_some_are_to_be_retried_the_others_are_not()
    {
        var rules = new FailureRules([typeof(FileNotFoundException)], [typeof(IOException), typeof(OperationCanceledException)], []);

        Assert.True(rules.IsRetried(new DirectoryNotFoundException(), null));
        Assert.False(rules.IsRetried(new FileNotFoundException(), null));
        Assert.False(rules.IsRetried(new TimeoutException(), null));
        Assert.False(rules.IsRetried(new OperationCanceledException(), null));
    }

    sealed class DatabaseException(string? state, bool isTransient) : DbException("It fails.")
    {
        public override string? SqlState => state;

        public override bool IsTransient => isTransient;
    }
}
