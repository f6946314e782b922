using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Maestro.Bus.Cli;

/// <summary>Calls the administration API, and turns what goes wrong into sentences and exit codes.</summary>
sealed class AdminClient : IDisposable
{
    const int LongestUnasked = 1 << 20;
    const string CutLine = "{\"cut\":true";

    static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    readonly HttpClient _http;

    public AdminClient(Uri address, string? key)
    {
        _http = new HttpClient { BaseAddress = new Uri($"{address.AbsoluteUri.TrimEnd('/')}/admin/"), Timeout = Timeout };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (!string.IsNullOrEmpty(key))
            _http.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    /// <param name="path">The path below <c>/admin</c>, such as <c>dead-letters</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The bus has refused, or none answers.</exception>
    public Task<JsonElement> Get(string path, CancellationToken cancellationToken) => Send(HttpMethod.Get, path, null, cancellationToken);

    /// <exception cref="CommandException">The bus has refused, or none answers.</exception>
    public Task<JsonElement> Post(string path, object? body, CancellationToken cancellationToken) =>
        Send(HttpMethod.Post, path, body, cancellationToken);

    /// <exception cref="CommandException">The bus has refused, or none answers.</exception>
    public Task<JsonElement> Put(string path, object? body, CancellationToken cancellationToken) =>
        Send(HttpMethod.Put, path, body, cancellationToken);

    /// <exception cref="CommandException">The bus has refused, or none answers.</exception>
    public Task<JsonElement> Delete(string path, CancellationToken cancellationToken) =>
        Send(HttpMethod.Delete, path, null, cancellationToken);

    /// <summary>Copies the lines of an answer as they come, without the one that says that it was cut.</summary>
    /// <returns>The number after which to go on; null if nothing was cut.</returns>
    /// <exception cref="CommandException">The bus has refused, or none answers.</exception>
    public Task<long?> Download(string path, Stream destination, CancellationToken cancellationToken) => Reached(async () =>
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefused(response, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));

        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(CutLine, StringComparison.Ordinal))
                return JsonElement.Parse(line).GetProperty("next").GetInt64();

            await destination.WriteAsync(Encoding.UTF8.GetBytes(line), cancellationToken);
            await destination.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }

        return (long?)null;
    });

    public void Dispose() => _http.Dispose();

    Task<JsonElement> Send(HttpMethod method, string path, object? body, CancellationToken cancellationToken) => Reached(async () =>
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);
            request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            // What is too large is refused before it is sent, and the answer is not lost on the way.
            request.Headers.ExpectContinue = bytes.Length > LongestUnasked;
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        await ThrowIfRefused(response, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Length == 0 ? default : Parse(text);
    });

    async Task<T> Reached<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (HttpRequestException exception) when (exception.StatusCode is null)
        {
            throw new CommandException(
                ExitCode.Unreachable,
                $"No bus answers at {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)}: {exception.Message} Start it, or name another "
                    + $"one with --url or {SharedOptions.UrlVariable}.", exception);
        }
        catch (IOException exception)
        {
            throw new CommandException(ExitCode.Unreachable,
                $"The answer of {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} has broken off, or could not be written: "
                    + $"{exception.Message}", exception);
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            throw new CommandException(ExitCode.Unreachable,
                $"The bus at {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} has not answered for {Timeout.TotalMinutes} minutes.",
                exception);
        }
    }

    JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new CommandException(ExitCode.Refused,
                $"What answers at {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} is no bus: it sends no JSON. Name another one "
                    + "with --url.", exception);
        }
    }

    static async Task ThrowIfRefused(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestEntityTooLarge)
            throw new CommandException(ExitCode.Refused, "What is sent is larger than the bus takes in one request. Make it smaller.");

        var sentence = Problem.Sentence(text) ?? $"The bus has answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            sentence = $"{sentence} The key is --key, or the environment variable {SharedOptions.KeyVariable}.";

        throw new CommandException(response.StatusCode == HttpStatusCode.BadRequest ? ExitCode.Usage : ExitCode.Refused, sentence);
    }
}
