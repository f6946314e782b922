using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Access.Tests;

/// <summary>Guessing keys (c15).</summary>
public sealed class FailedAttemptTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    static readonly IPAddress Guesser = IPAddress.Parse("203.0.113.7");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_ten_in_a_minute_each_further_one_is_held_for_a_second()
    {
        var clock = new ManualTimers(DateTimeOffset.UnixEpoch);
        using var attempts = new FailedAttempts(new FailedAttemptSettings(), clock, new LoggerFactory().CreateLogger<FailedAttempts>());

        for (var i = 0; i < 10; i++)
            Assert.True(Hold(attempts).IsCompletedSuccessfully);
        var held = Hold(attempts);
        Assert.True(attempts.Hold(IPAddress.Parse("203.0.113.8"), Cancellation).IsCompletedSuccessfully);
        clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(held.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await held.WaitAsync(Patience, Cancellation));

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Hold(attempts).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Sixteen_of_an_address_are_held_at_once_and_further_ones_refused()
    {
        var clock = new ManualTimers(DateTimeOffset.UnixEpoch);
        using var attempts = new FailedAttempts(
            new FailedAttemptSettings { PerMinute = 1 }, clock, new LoggerFactory().CreateLogger<FailedAttempts>());
        _ = Hold(attempts);

        var held = Enumerable.Range(0, 16).Select(_ => Hold(attempts)).ToList();

        Assert.All(held, one => Assert.False(one.IsCompleted));
        Assert.True(Hold(attempts) is { IsCompletedSuccessfully: true, Result: false });
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(false, await Task.WhenAll(held).WaitAsync(Patience, Cancellation));
        Assert.False(Hold(attempts).IsCompleted);
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", true)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", false)]
    [InlineData("203.0.113.7", "203.0.113.8", true)]
    public void An_IPv6_network_of_64_bits_counts_as_one_address(string first, string second, bool isFree)
    {
        using var attempts = new FailedAttempts(
            new FailedAttemptSettings { PerMinute = 1 }, new ManualTimers(DateTimeOffset.UnixEpoch),
                new LoggerFactory().CreateLogger<FailedAttempts>());

        _ = attempts.Hold(IPAddress.Parse(first), Cancellation);

        Assert.Equal(isFree, attempts.Hold(IPAddress.Parse(second), Cancellation).IsCompleted);
    }

    [Fact]
    public void Of_a_million_addresses_ten_thousand_are_remembered()
    {
        var clock = new ManualTimers(DateTimeOffset.UnixEpoch);
        using var attempts = new FailedAttempts(new FailedAttemptSettings(), clock, new LoggerFactory().CreateLogger<FailedAttempts>());

        for (var i = 0; i < 1_000_000; i++)
        {
            _ = attempts.Hold(new IPAddress(i + (1L << 24)), CancellationToken.None);
            if (i % 100_000 == 0)
                clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(attempts.Addresses, 1, 10_001);
        clock.Advance(TimeSpan.FromMinutes(2));
        _ = Hold(attempts);
        Assert.Equal(1, attempts.Addresses);
    }

    [Fact]
    public void Guessing_is_logged_once_a_minute_with_its_count()
    {
        var clock = new ManualTimers(DateTimeOffset.UnixEpoch);
        using var log = new LogLines();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var attempts = new FailedAttempts(new FailedAttemptSettings(), clock, loggers.CreateLogger<FailedAttempts>());

        for (var second = 0; second < 150; second++)
        {
            for (var i = 0; i < 580; i++)
                _ = Hold(attempts);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(
            [1, 34_799, 34_800, 17_400],
                log.All.Select(
                    line => int.Parse(
                        Regex.Match(line, @": (\d+), the newest from 203\.0\.113\.7").Groups[1].Value, CultureInfo.InvariantCulture)));
        _ = Hold(attempts);
        Assert.Equal(5, log.All.Count);
    }

    [Fact]
    public async Task While_guesses_from_an_address_are_held_its_valid_key_is_answered_at_once()
    {
        await using var server = await ProbeServer.Start(
            new() { ["Bus:Access:FailedAttempts:PerMinute"] = "3", ["Bus:Access:FailedAttempts:Delay"] = "1m" });
        for (var i = 0; i < 3; i++)
            Assert.Equal(401, (await server.Get("/reader", $"mbk_guess-{i}")).Status);

        // Sixteen are held; one of those that come beyond is answered.
        var guesses = Enumerable.Range(0, 17).Select(i => server.Get("/reader", $"mbk_guess-{i}")).ToList();
        var refused = await await Task.WhenAny(guesses).WaitAsync(Patience, Cancellation);

        Assert.Equal(429, refused.Status);
        Assert.Equal("60", Assert.Single(refused.Response.Headers.GetValues("Retry-After")));
        Assert.Equal("watcher", (await server.Get("/reader", ProbeServer.ReaderKey)).Seen.Name);
        Assert.Equal(401, (await server.Get("/reader")).Status);
        Assert.Equal(16, guesses.Count(guess => !guess.IsCompleted));
        Assert.Single(server.Log.All, line => line.Contains("wrong key", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.All, line => line.Contains("mbk_", StringComparison.Ordinal));
    }

    static Task<bool> Hold(FailedAttempts attempts) => attempts.Hold(Guesser, Cancellation);
}
