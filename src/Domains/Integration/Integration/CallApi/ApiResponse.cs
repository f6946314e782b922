using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MaestroBus.Integration;

/// <summary>An API's answer, read to its end or to the largest size allowed.</summary>
sealed record ApiResponse(HttpStatusCode Status, MediaTypeHeaderValue? ContentType, byte[] Content, bool IsTooLong, TimeSpan? RetryAfter, Uri? Location)
{
    const int ExcerptLength = 300;

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public bool IsRedirect => (int)Status is >= 300 and < 400;

    /// <summary>Whether the same request may well succeed later.</summary>
    public bool IsTransient => (int)Status is 408 or 425 or 429 or >= 500;

    public static async Task<ApiResponse> Read(HttpResponseMessage response, int maxSize, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];

        while (content.Length <= maxSize && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            content.Write(buffer, 0, read);

        var retryAfter = response.Headers.RetryAfter;
        return new ApiResponse(
            response.StatusCode,
            response.Content.Headers.ContentType,
            content.ToArray(),
            content.Length > maxSize,
            retryAfter?.Delta ?? (retryAfter?.Date - time.GetUtcNow()),
            response.Headers.Location);
    }

    /// <summary>The body: JSON as it is, any other text as a string, nothing for an empty one.</summary>
    public JsonElement? Body()
    {
        if (Content.Length == 0)
            return null;

        if (ContentType?.MediaType is { } type && (type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
        {
            try
            {
                return JsonElement.Parse(Content);
            }
            catch (JsonException)
            {
                // What calls itself JSON and is none is still a text that the flow may want.
            }
        }

        return JsonSerializer.SerializeToElement(Text());
    }

    /// <summary>The beginning of the body on one line, for people to read.</summary>
    public string Excerpt()
    {
        var line = string.Join(' ', Text().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > ExcerptLength ? line[..ExcerptLength] + "…" : line;
    }

    string Text()
    {
        try
        {
            return (ContentType?.CharSet is { Length: > 0 } charset ? Encoding.GetEncoding(charset.Trim('"')) : Encoding.UTF8).GetString(Content);
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8.GetString(Content);
        }
    }
}
