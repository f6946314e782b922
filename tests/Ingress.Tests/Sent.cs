namespace MaestroBus.Ingress.Tests;

/// <summary>Reads from a message that has been sent what it tells those who get it.</summary>
static class Sent
{
    public static object? SentTenant(this SendContext message) =>
        message.Headers.TryGetHeader(TenantHeader.Name, out var tenant) ? tenant : null;

    public static object? SentPriority(this SendContext message) =>
        message.Headers.TryGetHeader(MessagePriority.Header, out var priority) ? priority : null;
}
