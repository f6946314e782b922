using Microsoft.AspNetCore.Http.HttpResults;

namespace Maestro.Bus.Messaging;

/// <summary>What a caller is answered whose request is beyond a bound.</summary>
static class HttpProblems
{
    public static ProblemHttpResult Bad(string title, string detail) => Problem(StatusCodes.Status400BadRequest, title, detail);

    public static ProblemHttpResult UnknownMethod(string method) => Problem(
        StatusCodes.Status405MethodNotAllowed,
        $"The method '{LogText.Clean(method, 40)}' is not served.",
        "Use one that the header Allow names, in upper case.");

    public static ProblemHttpResult NoRoom(int seconds) => Problem(
        StatusCodes.Status503ServiceUnavailable,
        "Too many bodies are being read.",
        $"Send the request again in {seconds} s, or raise the bound of all bodies together (Bus:Http:MaxBodiesSize).");

    public static ProblemHttpResult TooSlow() => Problem(
        StatusCodes.Status408RequestTimeout, "The body came too slowly.", "Send the whole request again.");

    public static ProblemHttpResult TooLarge(int limit) => Problem(
        StatusCodes.Status413PayloadTooLarge,
        "The body is too large.",
        $"The body may have {limit} bytes. Send less, or raise the bound (Bus:Http:MaxBodySize, where the endpoint has none of its own).");

    public static ProblemHttpResult Encoded(string encoding) => Problem(
        StatusCodes.Status415UnsupportedMediaType,
        $"The body has the encoding '{encoding}'.",
        "Send it uncompressed, without Content-Encoding.");

    public static ProblemHttpResult OtherCharset(string charset) => Problem(
        StatusCodes.Status415UnsupportedMediaType, $"The body has the character set '{charset}'.", "Send JSON in UTF-8.");

    public static ProblemHttpResult AddressTooLong(int limit) => Problem(
        StatusCodes.Status414UriTooLong,
        "The address is too long.",
        $"It may have {limit} bytes. Send a shorter one, or raise Bus:Http:MaxAddressSize.");

    public static ProblemHttpResult TooManyHeaders(int limit) => Problem(
        StatusCodes.Status431RequestHeaderFieldsTooLarge,
        "The request has too many headers.",
        $"There may be {limit}. Send fewer, or raise Bus:Http:MaxHeaders.");

    public static ProblemHttpResult HeadersTooLarge(int limit) => Problem(
        StatusCodes.Status431RequestHeaderFieldsTooLarge,
        "The headers are too large.",
        $"Together they may have {limit} bytes. Send less, or raise Bus:Http:MaxHeadersSize.");

    public static ValidationProblem Wrong(JsonProblem problem) => TypedResults.ValidationProblem(
        problem.ToErrors(), title: "The body is refused.", detail: "Correct what is listed under errors.");

    public static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
