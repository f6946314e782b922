using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>How many bytes of bodies are let in at a time.</summary>
public sealed class BodyRoomTests
{
    const int Mebibyte = 1024 * 1024;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly ManualTimers _clock = new(DateTimeOffset.UnixEpoch);
    readonly HttpSettings _settings = new() { MaxBodiesSize = 4 * Mebibyte };
    readonly BodyRoom _room;

    public BodyRoomTests() => _room = new BodyRoom(_settings, _clock);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_beyond_the_room_waits_in_turn_until_others_are_done()
    {
        var (inside, _) = Enter(3 * Mebibyte);
        var ((second, secondIn), (_, thirdIn), (_, fourthIn)) = (Enter(2 * Mebibyte), Enter(2 * Mebibyte), Enter(Mebibyte));
        Assert.False(secondIn.IsCompleted);

        inside.Dispose();

        Assert.True(await secondIn.WaitAsync(Patience, Cancellation));
        Assert.True(await thirdIn.WaitAsync(Patience, Cancellation));
        Assert.Equal((4 * Mebibyte, false), (_room.Taken, fourthIn.IsCompleted));
        second.Dispose();
        second.Dispose();
        Assert.True(await fourthIn.WaitAsync(Patience, Cancellation));
        Assert.Equal(3 * Mebibyte, _room.Taken);
    }

    [Fact]
    public async Task One_that_waits_for_too_long_is_refused_and_takes_nothing()
    {
        var (inside, _) = Enter(4 * Mebibyte);
        var (_, waits) = Enter(Mebibyte);

        _clock.Advance(BodyRoom.Patience);

        Assert.False(await waits.WaitAsync(Patience, Cancellation));
        inside.Dispose();
        Assert.Equal(0, _room.Taken);
    }

    [Fact]
    public async Task Those_behind_one_that_gives_up_are_let_in()
    {
        _ = Enter(3 * Mebibyte);
        var (_, large) = Enter(2 * Mebibyte);
        _clock.Advance(BodyRoom.Patience / 2);
        var (_, behind) = Enter(Mebibyte);
        Assert.False(behind.IsCompleted);

        _clock.Advance(BodyRoom.Patience / 2);

        Assert.False(await large.WaitAsync(Patience, Cancellation));
        Assert.True(await behind.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task One_whose_caller_hangs_up_takes_nothing()
    {
        var (inside, _) = Enter(4 * Mebibyte);
        using var hangup = new CancellationTokenSource();
        var waits = _room.Enter(true).Extend(Mebibyte, hangup.Token).AsTask();

        await hangup.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        inside.Dispose();
        Assert.Equal(0, _room.Taken);
    }

    [Fact]
    public async Task Strangers_have_half_of_the_room_and_never_keep_out_those_with_a_key()
    {
        var (stranger, _) = Enter(2 * Mebibyte, isKnown: false);
        var (_, second) = Enter(Mebibyte, isKnown: false);
        Assert.False(second.IsCompleted);

        Assert.True(Enter(2 * Mebibyte).IsIn.IsCompletedSuccessfully);

        stranger.Dispose();
        Assert.True(await second.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public void Small_bodies_always_find_room_and_the_largest_has_all_of_it()
    {
        Assert.True(Enter(64L * Mebibyte).IsIn.IsCompletedSuccessfully);
        Assert.Equal(4 * Mebibyte, _room.Taken);

        Assert.True(Enter(BodyRoom.Small).IsIn.IsCompletedSuccessfully);
        Assert.False(Enter(BodyRoom.Small + 1).IsIn.IsCompleted);
    }

    [Fact]
    public async Task A_request_with_a_key_takes_what_it_announces_until_it_is_answered_and_the_next_is_told_when_to_come_again()
    {
        var (answer, inside) = (new TaskCompletionSource(), Request(3 * Mebibyte, isKnown: true));
        var first = Door(_ => answer.Task).Handle(inside);
        Assert.Equal(3 * Mebibyte, _room.Taken);

        var beyond = Request(2 * Mebibyte, isKnown: true);
        var second = Door(_ => Task.CompletedTask).Handle(beyond);
        _clock.Advance(BodyRoom.Patience);
        await second.WaitAsync(Patience, Cancellation);

        Assert.Equal((503, "5"), (beyond.Response.StatusCode, beyond.Response.Headers.RetryAfter.ToString()));
        answer.SetResult();
        await first;
        Assert.Equal(0, _room.Taken);
    }

    [Fact]
    public async Task What_a_stranger_announces_takes_nothing_and_what_arrives_does()
    {
        var announced = Request(4 * Mebibyte, isKnown: false);
        await Door(async context =>
        {
            Assert.Equal(0, _room.Taken);
            using var body = await RequestBody.Read(context.Request, 4 * Mebibyte, Cancellation);
            Assert.InRange(_room.Taken, Mebibyte, 2 * Mebibyte);
        }).Handle(announced);

        Assert.Equal((200, 0), (announced.Response.StatusCode, _room.Taken));
    }

    // Reads its body itself, as webhooks and flows do.
    static EndpointDoor Door(RequestDelegate endpoint) => new(QueryBound.Of([]), endpoint);

    DefaultHttpContext Request(int length, bool isKnown)
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection()
                .AddLogging().AddProblemDetails().AddSingleton(_settings).AddSingleton(_room).BuildServiceProvider(),
        };
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        context.Request.ContentLength = length;
        context.Request.Body = new MemoryStream(new byte[Mebibyte]);
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new BodyBound(8 * Mebibyte)), null));
        if (isKnown)
            context.User = new(new BusCaller("test", AccessRole.Client, null).ToIdentity("test"));
        return context;
    }

    (BodyPlace Place, Task<bool> IsIn) Enter(long size, bool isKnown = true)
    {
        var place = _room.Enter(isKnown);
        return (place, place.Extend(size, Cancellation).AsTask());
    }

    sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
