namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Knows whether a consumer is a member of its group, and why not. A broker refuses a member once, and the client goes on trying.
/// </summary>
sealed class KafkaMembership(KafkaSettings settings, StreamSubscription subscription, TimeProvider time)
{
    // A partition that is not given is asked for again and again.
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    // The client does not ask again whether it may read as its group.
    static readonly TimeSpan LastingRefusal = TimeSpan.FromSeconds(10);

    volatile string? _refusal;
    TimeSpan? _refused;
    volatile string? _absence;
    volatile Passing? _passing;
    volatile bool _isMember;

    public string? Problem => _absence ?? _refusal
        ?? (_passing is { } passing && time.Monotonic() - passing.At < Fresh ? passing.Reason : null)
        // Where there is no topic, there is nothing to join for.
        ?? (_isMember || subscription.MayBeAbsent || subscription.IsPattern ? null : "It has not become a member of its group yet.");

    // What the endpoint says itself goes before the settings.
    string Assignment => subscription.Properties.TryGetValue("partition.assignment.strategy", out var own)
        ? own
        : $"{settings.Consumer.Assignment}";

    /// <summary>What the broker has refused for so long that another consumer is to ask; none where this one may go on.</summary>
    public string? Final => _refused is { } since && time.Monotonic() - since > LastingRefusal ? _refusal : null;

    public void Joined()
    {
        _refusal = null;
        _refused = null;
        _isMember = true;
    }

    public void Left() => _isMember = false;

    /// <summary>Is told what the topics lack; none where they are there.</summary>
    public void Topics(string? problem) => _absence = problem;

    /// <summary>Is told what the client has got in place of records.</summary>
    public void Refused(ConsumeException exception)
    {
        var error = exception.Error;

        if (error.Code is ErrorCode.TopicAuthorizationFailed && _isMember)
            _passing = new Passing(
                $"The broker does not let it read {exception.ConsumerRecord?.Topic ?? "a topic"}: {error.Reason}", time.Monotonic());
        else if (Sentence(error) is { } sentence)
        {
            _refusal = sentence;
            if (error.Code == ErrorCode.GroupAuthorizationFailed)
                _refused ??= time.Monotonic();
        }
    }

    string? Sentence(Error error) => error.Code switch
    {
        ErrorCode.InvalidSessionTimeout =>
            $"Bus:Kafka:Consumer:SessionTimeout is {settings.Consumer.SessionTimeout}, and the broker takes none outside of its "
            + "group.min.session.timeout.ms and "
            + "group.max.session.timeout.ms (6 s and 30 min, unless they are set otherwise). Use a time between them.",
        ErrorCode.InconsistentGroupProtocol =>
            $"The group has members that share its partitions in another way than the Assignment {Assignment} of this one, such as "
            + "another program's. Use a group of its own, or their way, such as Range, until they are gone: in "
            + "Bus:Kafka:Consumer:Assignment, or the endpoint's PartitionAssignmentStrategy.",
        ErrorCode.GroupAuthorizationFailed => $"The broker does not let it read as the group '{subscription.Group}': {error.Reason}.",
        ErrorCode.FencedInstanceId =>
            $"Another member of the group has the same Bus:Kafka:Consumer:Member '{settings.Consumer.Member}'. Give each process a name "
                + "of its own.",
        ErrorCode.GroupMaxSizeReached => $"The group '{subscription.Group}' has as many members as the broker allows: {error.Reason}.",
        ErrorCode.UnsupportedVersion or ErrorCode.Local_UnsupportedFeature =>
            $"The broker does not know the group's protocol: {error.Reason}.",
        ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => $"The broker does not accept its login: {error.Reason}.",
        _ => null,
    };

    sealed record Passing(string Reason, TimeSpan At);
}
