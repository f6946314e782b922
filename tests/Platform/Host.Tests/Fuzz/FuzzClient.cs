using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Maestro.Bus.Host.Tests;

/// <summary>Sends bytes over connections that it keeps as long as the server does, and reads what is answered.</summary>
sealed class FuzzClient(int port) : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly byte[] _buffer = new byte[64 * 1024];
    TcpClient? _client;

    /// <summary>Sends a request.</summary>
    /// <returns>The status of the answer and the beginning of its body; 0 if the server has closed the connection without one.</returns>
    /// <exception cref="TimeoutException">The server has neither answered nor closed the connection.</exception>
    public async Task<(int Status, string Body)> Send(FuzzRequest request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);

        try
        {
            if (_client is null)
            {
                _client = new TcpClient();
                await _client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            }

            var stream = _client.GetStream();
            await Write(_client, request, limit.Token);

            var (status, body, isOpen) = await Read(stream, request.Method == "HEAD", limit.Token);
            if (!isOpen || request.EndsEarly)
                Close();

            return (status, body);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The server has closed the connection and answered nothing.
            Close();
            return (0, "");
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Close();
            throw new TimeoutException($"No answer to request {request.Number} within {Limit.TotalSeconds} s:\n{request.Head}", exception);
        }
    }

    public void Dispose() => Close();

    void Close()
    {
        _client?.Dispose();
        _client = null;
    }

    static async Task Write(TcpClient client, FuzzRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await client.GetStream().WriteAsync(request.Bytes, cancellationToken);
            if (request.EndsEarly)
                client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // A server that refuses a request for its length answers and closes the connection before it has read the rest. The answer is
            // there to be read.
        }
    }

    async Task<(int Status, string Body, bool IsOpen)> Read(NetworkStream stream, bool isHead, CancellationToken cancellationToken)
    {
        var text = "";

        while (true)
        {
            if (Parse(text, isHead) is { } answer)
                return answer;

            var read = await stream.ReadAsync(_buffer, cancellationToken);
            if (read == 0)
                return (Status(text), text, false);

            text += Encoding.Latin1.GetString(_buffer, 0, read);
        }
    }

    // Returns null while something is missing.
    static (int Status, string Body, bool IsOpen)? Parse(string text, bool isHead)
    {
        while (true)
        {
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
                return null;

            var status = Status(text);
            var head = text[..end];
            text = text[(end + 4)..];
            if (status is >= 100 and < 200)
                continue;

            var isOpen = !Value(head, "Connection").Contains("close", StringComparison.OrdinalIgnoreCase);
            if (isHead || status is 204 or 304)
                return (status, "", isOpen);
            if (int.TryParse(Value(head, "Content-Length"), CultureInfo.InvariantCulture, out var length))
                return text.Length >= length ? (status, text[..length], isOpen && text.Length == length) : null;
            if (Value(head, "Transfer-Encoding") == "chunked")
                return text.EndsWith("0\r\n\r\n", StringComparison.Ordinal) ? (status, text, isOpen) : null;

            // Its end is that of the connection.
            return null;
        }
    }

    static int Status(string text) =>
        text.StartsWith("HTTP/", StringComparison.Ordinal) && text.Length >= 12
        && int.TryParse(text.AsSpan(9, 3), CultureInfo.InvariantCulture, out var status)
            ? status
            : 0;

    static string Value(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase)) is { } line
            ? line[(name.Length + 2)..]
            : "";
}
