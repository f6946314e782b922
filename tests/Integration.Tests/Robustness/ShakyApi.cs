using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace MaestroBus.Integration.Tests;

/// <summary>A real HTTP server that goes down and comes back at the same address, and knows when it has answered.</summary>
sealed class ShakyApi : IAsyncDisposable
{
    static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    readonly ConcurrentQueue<TimeSpan> _answered = [];
    readonly Lock _lock = new();
    volatile bool _isDown;
    Api? _api;

    public string Address { get; private set; } = "";

    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    /// <summary>How many calls it has at hand.</summary>
    public int Running { get; private set; }

    /// <summary>The most that it has had at once since it was measured.</summary>
    public int Most { get; private set; }

    /// <summary>How many it has refused since it was measured.</summary>
    public int Refused { get; private set; }

    public static async Task<ShakyApi> Start()
    {
        var shaky = new ShakyApi();
        // A port that nobody else is given while it is gone.
        shaky.Address = $"http://127.0.0.1:{Ports.Free()}";
        shaky._api = await Api.Start(shaky.Answer, shaky.Address);
        return shaky;
    }

    public void Measure()
    {
        lock (_lock)
            (Most, Refused) = (Running, 0);
    }

    /// <param name="isGone">Whether there is nobody at its address any more; otherwise it answers with 503.</param>
    public async Task GoDown(bool isGone)
    {
        _isDown = true;
        if (isGone)
            await DisposeAsync();
    }

    public async Task ComeBack()
    {
        _isDown = false;
        _api ??= await Api.Start(Answer, Address);
    }

    /// <summary>How many calls a second it has answered so far.</summary>
    public double Speed()
    {
        var times = _answered.ToList();
        return times.Count / (times[^1] - times[0]).TotalSeconds;
    }

    /// <summary>How long after a moment it has answered so many calls a second for the first time, for half a second.</summary>
    public TimeSpan? FirstAt(double speed, TimeSpan moment)
    {
        var times = _answered.Where(time => time >= moment).ToList();
        var count = (int)Math.Ceiling(speed * Window.TotalSeconds);
        for (var last = count - 1; last < times.Count; last++)
        {
            if (times[last] - times[last - count + 1] <= Window)
                return times[last] - moment;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is { } api)
            await api.DisposeAsync();
        _api = null;
    }

    async Task Answer(HttpContext context)
    {
        lock (_lock)
            Most = Math.Max(Most, ++Running);

        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, context.RequestAborted);
        }
        finally
        {
            lock (_lock)
            {
                Running--;
                if (_isDown)
                    Refused++;
            }
        }

        if (_isDown)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else
            _answered.Enqueue(Clock.Elapsed);
    }
}
