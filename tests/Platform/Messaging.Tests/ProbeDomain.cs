namespace Maestro.Bus.Messaging.Tests;

/// <summary>A domain for the platform's own tests.</summary>
public sealed class ProbeDomain : BusDomain
{
    public static TimeSpan FirstDelay { get; } = TimeSpan.FromMilliseconds(40);

    public override string Queue => "probe";

    public override QueuePolicy Policy => new() { Attempts = 3, FirstRetryDelay = FirstDelay, Concurrency = 1 };

    public override void AddServices(BusBuilder bus) => bus.Services.AddSingleton<ProbeLog>();
}

/// <summary>Asks the probe to do something.</summary>
public sealed record ProbeMessage(string Text);

/// <summary>Follows from a probe.</summary>
public sealed record ProbeFollowed(string Text);

/// <summary>What the probe has seen.</summary>
public sealed class ProbeLog
{
    readonly List<(string Text, string? Tenant)> _seen = [];

    public IReadOnlyList<(string Text, string? Tenant)> Seen
    {
        get
        {
            lock (_seen)
                return [.. _seen];
        }
    }

    /// <summary>What messages that fail wait for.</summary>
    public Task UntilFailure { get; set; } = Task.CompletedTask;

    /// <summary>What a message sends in vain.</summary>
    public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(string text, string? tenant)
    {
        lock (_seen)
            _seen.Add((text, tenant));
    }
}

public sealed class ProbeConsumer(ProbeLog log) : IConsumer<ProbeMessage>, IConsumer<ProbeFollowed>
{
    public Task Consume(ConsumeContext<ProbeMessage> context)
    {
        log.Add(context.Message.Text, context.TenantId());

        return context.Message.Text switch
        {
            "fail" => Fail(),
            "sends in vain" => SendInVain(context),
            "invalid" => throw new InvalidMessageException("The probe's text is invalid."),
            _ => context.Publish(new ProbeFollowed(context.Message.Text)),
        };
    }

    public Task Consume(ConsumeContext<ProbeFollowed> context)
    {
        log.Add($"followed {context.Message.Text}", context.TenantId());
        return Task.CompletedTask;
    }

    // What the first attempt has sent fails when the second begins.
    Task SendInVain(ConsumeContext<ProbeMessage> context)
    {
        if (log.Seen.Count > 1)
        {
            log.Sent.TrySetException(new TimeoutException("The broker does not take it."));
            return Task.CompletedTask;
        }

        context.AddConsumeTask(log.Sent.Task);
        throw new TimeoutException("The probe fails.");
    }

    async Task Fail()
    {
        await log.UntilFailure;
        throw new TimeoutException("The probe fails.");
    }
}
