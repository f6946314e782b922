using System.Text.Json;

namespace Maestro.Bus.Admin;

/// <summary>Looks at the dead letters.</summary>
public sealed class DeadLetterQueries(IDeadLetterStore store, DeadLetterSelections selections)
{
    /// <summary>How many a page has at most.</summary>
    public const int LongestPage = 1_000;

    const int DefaultPage = 50;
    const int MostGroups = 1_000;
    const int MostCounts = 10_000;

    /// <summary>Lists dead letters, the newest first.</summary>
    /// <exception cref="DeadLetterProblem">The selection can match nothing, or the limit is not one from 1 to 1000.</exception>
    public async Task<DeadLetterPage> List(
        DeadLetterSelection selection, string? state, long? before, int? limit, CancellationToken cancellationToken)
    {
        var size = limit ?? DefaultPage;
        if (size is < 1 or > LongestPage)
            throw new DeadLetterProblem(
                DeadLetterProblemKind.Invalid, $"The limit is {size}.", $"Use a whole number from 1 to {LongestPage}.");

        var letters = await store.List(await selections.Filter(selection, state, cancellationToken), before, size, cancellationToken);
        return new DeadLetterPage([.. letters.Select(DeadLetterViews.Of)], letters.Count == size ? letters[^1].Id : null);
    }

    /// <summary>Shows one with everything.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one.</exception>
    public async Task<DeadLetterDetails> Show(long id, CancellationToken cancellationToken) =>
        DeadLetterViews.Of(await store.Find(id, cancellationToken) ?? throw DeadLetterProblem.Unknown(id));

    /// <summary>The body of one, byte for byte.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one.</exception>
    public async Task<byte[]> Body(long id, CancellationToken cancellationToken) =>
        (await store.Find(id, cancellationToken) ?? throw DeadLetterProblem.Unknown(id)).Body;

    /// <summary>The groups of those that failed alike, the largest first.</summary>
    /// <exception cref="DeadLetterProblem">The selection can match nothing.</exception>
    public async Task<IReadOnlyList<DeadLetterGroupView>> Groups(
        DeadLetterSelection selection, string? state, CancellationToken cancellationToken) =>
        [.. (await store.Groups(await selections.Filter(selection, state, cancellationToken), MostGroups, cancellationToken))
            .Select(DeadLetterViews.Of)];

    /// <summary>Counts by group, queue and tenant over stretches of time: <c>minute</c>, <c>hour</c> or <c>day</c>.</summary>
    /// <exception cref="DeadLetterProblem">The selection can match nothing, or the stretch is none.</exception>
    public async Task<IReadOnlyList<DeadLetterCountView>> Report(
        DeadLetterSelection selection, string? state, string? stretch, CancellationToken cancellationToken)
    {
        var length = stretch?.ToLowerInvariant() switch
        {
            "minute" => TimeSpan.FromMinutes(1),
            null or "hour" => TimeSpan.FromHours(1),
            "day" => TimeSpan.FromDays(1),
            _ => throw new DeadLetterProblem(DeadLetterProblemKind.Invalid, $"The stretch is '{stretch}'.", "Use minute, hour or day."),
        };
        var counts = await store.Report(await selections.Filter(selection, state ?? DeadLetterSelections.Any, cancellationToken), length,
            MostCounts, cancellationToken);
        return [.. counts.Select(count => new DeadLetterCountView(count.From, count.Fingerprint, count.Queue, count.Tenant, count.Count))];
    }

    /// <summary>The filter that a selection makes.</summary>
    /// <exception cref="DeadLetterProblem">The selection can match nothing.</exception>
    public Task<DeadLetterFilter> Checked(DeadLetterSelection selection, string? state, CancellationToken cancellationToken) =>
        selections.Filter(selection, state, cancellationToken);

    /// <summary>
    /// Writes dead letters with everything, one JSON object a line, a few at a time. If they are more than allowed, the last line says so
    /// and where to go
    /// on: <c>{"cut":true,"next":123}</c>.
    /// </summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="after">The number that they come after; 0 for all.</param>
    /// <param name="limit">The most bytes to write; one dead letter is always written.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task Export(DeadLetterFilter filter, long after, long limit, Stream destination, CancellationToken cancellationToken)
    {
        var written = 0L;

        await foreach (var content in store.Read(filter, after, cancellationToken))
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    Letter = DeadLetterViews.Of(content.Letter),
                    content.Detail,
                    content.ContentType,
                    Headers = DeadLetterViews.Headers(content),
                    BodyBase64 = content.Body,
                },
                JsonSerializerOptions.Web);

            if (written > 0 && written + line.Length >= limit)
            {
                await Write(JsonSerializer.SerializeToUtf8Bytes(new { Cut = true, Next = after }, JsonSerializerOptions.Web));
                return;
            }

            await Write(line);
            after = content.Letter.Id;
        }

        async Task Write(byte[] line)
        {
            await destination.WriteAsync(line, cancellationToken);
            await destination.WriteAsync("\n"u8.ToArray(), cancellationToken);
            written += line.Length + 1;
        }
    }
}
